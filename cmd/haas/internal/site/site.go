package site

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Site is a file.
type Site struct {
	Switches []Switch  `yaml:"switches,omitempty"`
	Nodes    []Node    `yaml:"nodes,omitempty"`
	Projects []Label   `yaml:"projects,omitempty"`
	Networks []Network `yaml:"networks,omitempty"`
}

// Switch is a switch. Type and Settings may be left out if the server has it. Ports need not repeat those that NICs
// are cabled to.
type Switch struct {
	Name     Label          `yaml:"name"`
	Type     string         `yaml:"type,omitempty"`
	Settings map[string]any `yaml:"settings,omitempty"`
	Ports    []Label        `yaml:"ports,omitempty"`
}

// Node is a node. OBM may be left out if the server has it.
type Node struct {
	Name     Label          `yaml:"name"`
	OBM      *OBM           `yaml:"obm,omitempty"`
	Metadata map[string]any `yaml:"metadata,omitempty"`
	NICs     []NIC          `yaml:"nics,omitempty"`
}

// OBM is a node's out-of-band controller.
type OBM struct {
	Type     string         `yaml:"type"`
	Settings map[string]any `yaml:"settings,omitempty"`
}

// NIC is a network card, and the port it is cabled to, if it is.
type NIC struct {
	Name   Label `yaml:"name"`
	MAC    Label `yaml:"mac"`
	Switch Label `yaml:"switch,omitempty"`
	Port   Label `yaml:"port,omitempty"`
}

// Network is a network. Owner is a project, or admin. Access is the owner's unless others are named or it is public.
type Network struct {
	Name   Label   `yaml:"name"`
	Owner  Label   `yaml:"owner"`
	Access []Label `yaml:"access,omitempty"`
	Public bool    `yaml:"public,omitempty"`
	NetID  Label   `yaml:"net_id,omitempty"`
}

// administrator stands in an owner's place for networks that no project owns.
const administrator = "admin"

// Label is a text, and the line of the file that it stands on.
type Label struct {
	Text string
	line int
}

// String is the text.
func (l Label) String() string { return l.Text }

// IsZero says that there is no text.
func (l Label) IsZero() bool { return l.Text == "" }

// MarshalYAML writes the text.
func (l Label) MarshalYAML() (any, error) { return l.Text, nil }

// UnmarshalYAML takes any single word as the text it is written as, so that a port may be called 1.
func (l *Label) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: this must be a single word", node.Line)}}
	}
	l.Text, l.line = node.Value, node.Line
	return nil
}

func text(s string) Label { return Label{Text: s} }

func texts(all []string) []Label {
	labels := make([]Label, 0, len(all))
	for _, s := range all {
		labels = append(labels, text(s))
	}
	return labels
}
