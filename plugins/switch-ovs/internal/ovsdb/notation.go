package ovsdb

import (
	"encoding/json"
	"fmt"
)

// UUID names a row.
type UUID string

// MarshalJSON is ["uuid", "550e8400-..."].
func (u UUID) MarshalJSON() ([]byte, error) { return json.Marshal([]string{"uuid", string(u)}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (u *UUID) UnmarshalJSON(b []byte) error {
	var pair []string
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] != "uuid" {
		return fmt.Errorf("%s is no UUID", b)
	}
	*u = UUID(pair[1])
	return nil
}

// Set is the value of a column that has any number of values, or one at most.
type Set[T any] []T

// MarshalJSON is ["set", [1, 2]].
func (s Set[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{"set", append([]T{}, s...)})
}

// UnmarshalJSON reads a set, or a value without one around it: that is how servers write a set of one.
func (s *Set[T]) UnmarshalJSON(b []byte) error {
	if members, ok := members(b); ok {
		*s = nil
		return json.Unmarshal(members, (*[]T)(s))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*s = Set[T]{one}
	return nil
}

// members is the list in ["set", list].
func members(b []byte) (json.RawMessage, bool) {
	var pair []json.RawMessage
	if json.Unmarshal(b, &pair) != nil || len(pair) != 2 || string(pair[0]) != `"set"` {
		return nil, false
	}
	return pair[1], true
}
