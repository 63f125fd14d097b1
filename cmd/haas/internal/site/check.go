package site

import (
	"fmt"
	"net"
)

// checker finds what is wrong with a file by itself, whatever the server has.
type checker struct {
	file string
	// seen are the lines of what must not be there twice.
	seen     map[string]int
	mistakes []error
}

func (c *checker) site(s *Site) {
	for i := range s.Switches {
		c.network(s.Switches[i])
	}
	for i := range s.Nodes {
		c.node(s.Nodes[i])
	}
	for _, p := range s.Projects {
		c.once("project", p)
	}
	for i := range s.Networks {
		c.net(s.Networks[i])
	}
}

func (c *checker) network(s Switch) {
	c.once("switch", s.Name)
	if s.Type == "" && len(s.Settings) > 0 {
		c.mistake(s.Name, "switch %s has settings and no type; write its type, such as nexus", s.Name)
	}
	for _, p := range s.Ports {
		c.once("port of switch "+s.Name.Text, p)
	}
}

func (c *checker) node(n Node) {
	c.once("node", n.Name)
	if n.OBM != nil && n.OBM.Type == "" {
		c.mistake(n.Name, "the obm of node %s has no type; write its type, such as ipmi", n.Name)
	}
	for _, nic := range n.NICs {
		c.once("NIC of node "+n.Name.Text, nic.Name)
		c.nic(n, nic)
	}
}

func (c *checker) nic(n Node, nic NIC) {
	if _, err := net.ParseMAC(nic.MAC.Text); err != nil {
		c.mistake(nic.Name, "NIC %s of node %s has no MAC address like 52:54:00:12:34:56", nic.Name, n.Name)
	}
	switch {
	case nic.Switch.IsZero() && nic.Port.IsZero():
	case nic.Switch.IsZero():
		c.mistake(nic.Port, "NIC %s of node %s has a port and no switch; write both", nic.Name, n.Name)
	case nic.Port.IsZero():
		c.mistake(nic.Switch, "NIC %s of node %s has a switch and no port; write both", nic.Name, n.Name)
	default:
		c.once("NIC cabled to switch "+nic.Switch.Text+", port", nic.Port)
	}
}

func (c *checker) net(n Network) {
	c.once("network", n.Name)
	switch {
	case n.Owner.IsZero():
		c.mistake(n.Name, "network %s has no owner; write a project, or admin", n.Name)
	case n.Public && len(n.Access) > 0:
		c.mistake(n.Name, "network %s is public and has an access list; remove one of them", n.Name)
	case n.Owner.Text == administrator && !n.Public && len(n.Access) == 0:
		c.mistake(n.Name, "network %s is the administrator's; write who has access, or public: true", n.Name)
	}
}

// once wants a label to be there, and not for a second time.
func (c *checker) once(what string, l Label) {
	key := what + "\x00" + l.Text
	first, twice := c.seen[key]
	switch {
	case l.IsZero():
		c.mistake(l, "a %s has no name", what)
	case twice:
		c.mistake(l, "%s %s is there already, on line %d", what, l, first)
	default:
		c.seen[key] = l.line
	}
}

func (c *checker) mistake(at Label, format string, args ...any) {
	c.mistakes = append(c.mistakes, &Error{File: c.file, Line: at.line, Text: fmt.Sprintf(format, args...)})
}
