package mock

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// Setter takes the text of one key of haas.cfg in. Its error says what would be right.
type Setter func(text string) error

// Configure takes every key of a driver's section in; one that has no setter is complained about.
func Configure(settings map[string]string, setters map[string]Setter) error {
	var c Complaints
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		set, ok := setters[key]
		if !ok {
			c.Add(key, errors.New("is not a setting of this driver; remove it"))
			continue
		}
		c.Add(key, set(settings[key]))
	}
	return c.Err()
}

// Setters are the keys every mock driver has.
func (f *Faults) Setters(stateDir *string) map[string]Setter {
	return map[string]Setter{
		"delay":     func(text string) error { return ParseDelay(&f.Delay, text) },
		"fail":      Chance(&f.Fail),
		"hang":      Chance(&f.Hang),
		"seed":      func(text string) error { return parseSeed(&f.Seed, text) },
		"state_dir": func(text string) error { *stateDir = text; return nil },
	}
}

// Chance sets a probability.
func Chance(p *float64) Setter {
	return func(text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			v = -1
		}
		return SetChance(p, v)
	}
}

// SetChance sets a probability to v if v is one.
func SetChance(p *float64, v float64) error {
	if v >= 0 && v <= 1 {
		*p = v
		return nil
	}
	return errors.New("must be a probability from 0 to 1")
}

// ParseDelay sets a delay.
func ParseDelay(d *time.Duration, text string) error {
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return errors.New("must be a duration such as 300ms")
	}
	*d = v
	return nil
}

func parseSeed(seed *uint64, text string) error {
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("must be a whole number from 0")
	}
	*seed = v
	return nil
}

// Overrides are the faults a single device may be registered with; those given win over the driver's.
type Overrides struct {
	Delay *string
	Fail  *float64
	Hang  *float64
	Seed  *uint64
}

// Apply is f with the overrides in place.
func (o Overrides) Apply(f Faults, c *Complaints) Faults {
	if o.Delay != nil {
		c.Add("delay", ParseDelay(&f.Delay, *o.Delay))
	}
	if o.Fail != nil {
		c.Add("fail", SetChance(&f.Fail, *o.Fail))
	}
	if o.Hang != nil {
		c.Add("hang", SetChance(&f.Hang, *o.Hang))
	}
	if o.Seed != nil {
		f.Seed = *o.Seed
	}
	return f
}

// Complaints collects what is wrong with settings.
type Complaints struct {
	fields []sdk.FieldError
}

// Add notes err against the named setting, unless it is nil.
func (c *Complaints) Add(field string, err error) {
	if err != nil {
		c.fields = append(c.fields, sdk.FieldError{Field: field, Text: err.Error()})
	}
}

// Require complains if the named setting is empty.
func (c *Complaints) Require(field, value string) {
	if value == "" {
		c.Add(field, errors.New("is required; give a non-empty string"))
	}
}

// Err is the Invalid error with all complaints, nil if there are none.
func (c *Complaints) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: c.fields}
}
