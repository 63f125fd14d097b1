package drivers

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// Switch gives the driver of switches of a type. It stays good while its process comes and goes. The error is an
// *UnknownTypeError if nobody serves the type, and Unavailable if the driver that does is down.
func (m *Manager) Switch(typeURL string) (netswitch.Driver, error) {
	h := handle{manager: m, route: route{netswitch.Kind, typeURL}}
	if _, err := h.find(); err != nil {
		return nil, err
	}
	return switchDriver{h}, nil
}

// OBM gives the driver of controllers of a type, as Switch does.
func (m *Manager) OBM(typeURL string) (obm.Driver, error) {
	h := handle{manager: m, route: route{obm.Kind, typeURL}}
	if _, err := h.find(); err != nil {
		return nil, err
	}
	return obmDriver{h}, nil
}

// Headnode gives the driver of hosts of a type, as Switch does.
func (m *Manager) Headnode(typeURL string) (headnode.Driver, error) {
	h := handle{manager: m, route: route{headnode.Kind, typeURL}}
	if _, err := h.find(); err != nil {
		return nil, err
	}
	return headnodeDriver{h}, nil
}

// Types are the types of a kind that are served, sorted by URL. A driver that is down keeps its types.
func (m *Manager) Types(kind string) []sdk.Type {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]sdk.Type{}, m.routes.types[kind]...)
}

// lookup finds the driver that serves a type.
func (m *Manager) lookup(r route) (*driver, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.routes.drivers[r]; d != nil {
		return d, nil
	}
	return nil, unknownType(r.kind, r.url, m.routes.types[r.kind])
}

func unknownType(kind, url string, types []sdk.Type) error {
	e := &UnknownTypeError{Kind: kind, Type: url}
	for _, t := range types {
		e.Loaded = append(e.Loaded, t.URL)
	}
	slices.Sort(e.Loaded)
	return e
}
