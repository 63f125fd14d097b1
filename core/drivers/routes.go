package drivers

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
)

// route is what leads to a driver.
type route struct{ kind, url string }

// routes say which driver serves which type.
type routes struct {
	drivers map[route]*driver
	types   map[string][]sdk.Type // by kind, sorted by URL
}

// newRoutes gives each type to the first driver, by name, that claims it. A driver that comes second is left out with
// all its types, and told so.
func newRoutes(drivers map[string]*driver) routes {
	r := routes{drivers: map[route]*driver{}, types: map[string][]sdk.Type{}}
	for _, name := range slices.Sorted(maps.Keys(drivers)) {
		d := drivers[name]
		types := d.claims()
		clash := r.clash(d.kind, types)
		d.setClash(clash)
		if clash == "" {
			r.add(d, types)
		}
	}
	for _, types := range r.types {
		slices.SortFunc(types, func(a, b sdk.Type) int { return cmp.Compare(a.URL, b.URL) })
	}
	return r
}

func (r routes) clash(kind string, types []sdk.Type) string {
	for _, t := range types {
		if first := r.drivers[route{kind, t.URL}]; first != nil {
			return fmt.Sprintf("the type %s is already served by %s", t.URL, first.name)
		}
	}
	return ""
}

func (r routes) add(d *driver, types []sdk.Type) {
	for _, t := range types {
		r.drivers[route{d.kind, t.URL}] = d
	}
	r.types[d.kind] = append(r.types[d.kind], types...)
}

// sameTypes reports whether both serve the same types with the same settings.
func (r routes) sameTypes(other routes) bool { return reflect.DeepEqual(r.types, other.types) }

// claims are the types the driver served last.
func (d *driver) claims() []sdk.Type {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.info.Types
}

func (d *driver) setClash(clash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clash = clash
}
