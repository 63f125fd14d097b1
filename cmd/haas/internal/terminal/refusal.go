package terminal

import "time"

// refusalLasts is how long one notice about refused keys is enough: every key is refused by itself.
const refusalLasts = 5 * time.Second

// refusal remembers what a person was told.
type refusal struct {
	reason string
	told   time.Time
}

// isNews reports whether a reason is to be told, and notes that it is.
func (r *refusal) isNews(reason string, now time.Time) bool {
	if reason == r.reason && now.Sub(r.told) < refusalLasts {
		return false
	}
	*r = refusal{reason: reason, told: now}
	return true
}

func (r *refusal) forget() { *r = refusal{} }
