package site

import (
	"maps"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// layout is HIL's site-layout.json, which its deployment tests are given. A switch is an object of its name, its type
// and its driver's settings. What else is in the file, such as obmd, means nothing here and is left aside.
type layout struct {
	Switches []map[string]any `yaml:"switches"`
	Nodes    []struct {
		Name Label          `yaml:"name"`
		OBM  map[string]any `yaml:"obm"`
		// IPMI is how the oldest files wrote OBM.
		IPMI map[string]any `yaml:"ipmi"`
		NICs []NIC          `yaml:"nics"`
	} `yaml:"nodes"`
}

// ParseLayout reads HIL's site-layout.json; name stands for the file in errors.
func ParseLayout(name string, content []byte) (*Site, error) {
	var l layout
	if err := decode(name, content, &l, false); err != nil {
		return nil, err
	}
	var s Site
	for _, sw := range l.Switches {
		s.Switches = append(s.Switches, layoutSwitch(sw))
	}
	for _, n := range l.Nodes {
		obm := n.OBM
		if obm == nil && n.IPMI != nil {
			obm = maps.Clone(n.IPMI)
			obm["type"] = "ipmi"
		}
		s.Nodes = append(s.Nodes, Node{Name: n.Name, OBM: layoutOBM(obm), NICs: n.NICs})
	}
	return checked(name, &s)
}

func layoutSwitch(settings map[string]any) Switch {
	name, url := take(settings, "switch"), take(settings, "type")
	return Switch{Name: text(name), Type: url, Settings: settings}
}

// layoutOBM also takes the spelling pass.
func layoutOBM(settings map[string]any) *OBM {
	if settings == nil {
		return nil
	}
	if password := take(settings, "pass"); password != "" {
		settings["password"] = password
	}
	return &OBM{Type: remote.OBM.Word(take(settings, "type")), Settings: settings}
}

// take removes a text.
func take(m map[string]any, key string) string {
	s, _ := m[key].(string)
	delete(m, key)
	return s
}
