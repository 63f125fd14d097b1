// This file lets the external tests see the table of permissions and keep the processors busy.
package auth

import (
	"maps"
	"slices"
)

// Calls are the calls in the table of permissions, sorted.
func Calls() []Call { return slices.Sorted(maps.Keys(permissions)) }

// Occupy keeps every turn to hash taken until it is released.
func (d *Database) Occupy() (release func()) {
	for range cap(d.hashing) {
		d.hashing <- struct{}{}
	}
	return func() {
		for range cap(d.hashing) {
			<-d.hashing
		}
	}
}
