package lab

import "time"

// ownership is whose a machine is from a moment on.
type ownership struct {
	project string
	since   time.Time
}

// history is a machine's ownerships, the oldest first. A frame is judged by the moment when it came in, not by that
// when somebody looked at it.
type history []ownership

// at is the project at a moment.
func (h history) at(t time.Time) string {
	for i := len(h) - 1; i > 0; i-- {
		if !t.Before(h[i].since) {
			return h[i].project
		}
	}
	return h[0].project
}
