package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	defaultPool = "haas_headnodes" // that of the predecessor
	// defaultMemory is in MiB, and with defaultCPUs is enough for a system that installs others.
	defaultMemory = 2048
	defaultCPUs   = 2
	minMemory     = 16
	maxMemory     = 16 << 20
	maxCPUs       = 512
	// defaultSilence is how long libvirtd may take for one call: making sure that a machine which does not want to die is
	// dead takes half a minute.
	defaultSilence = time.Minute
	minSilence     = time.Second
	maxSilence     = 10 * time.Minute
)

// The two ways a machine stands on a VLAN.
const (
	viaBridges     = "bridges"
	viaOpenVSwitch = "openvswitch"
)

// settings are what a host is registered with.
type settings struct {
	endpoint endpoint
	// domainType is "" for that of the image.
	domainType string
	pool       string
	network    string
	trunk      string
	bridge     string
	memory     uint
	cpus       uint
	silence    time.Duration
}

// written are the settings as they are written.
type written struct {
	URI         string     `json:"uri" required:"true"`
	CA          string     `json:"ca_certificate"`
	Certificate string     `json:"certificate"`
	Key         sdk.Secret `json:"private_key"`
	SSHKey      sdk.Secret `json:"ssh_key"`
	KnownHosts  string     `json:"known_hosts"`
	DomainType  *string    `json:"domain_type"`
	Pool        *string    `json:"pool"`
	Network     string     `json:"network" required:"true"`
	Trunk       string     `json:"trunk_nic"`
	Bridge      string     `json:"bridge"`
	Memory      *int       `json:"memory"`
	CPUs        *int       `json:"cpus"`
	Timeout     *string    `json:"timeout"`
}

// poolName and linkName are what libvirt and the kernel take as names, without what XML or a shell would take apart.
var (
	poolName = regexp.MustCompile(`\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\z`)
	linkName = regexp.MustCompile(`\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\z`)
)

// readSettings reads and checks a target's settings. The error is Invalid and names every wrong member.
func readSettings(target sdk.Target) (settings, error) {
	var w written
	if err := target.Settings.Decode(&w); err != nil {
		return settings{}, err
	}
	s := settings{pool: defaultPool, network: w.Network, memory: defaultMemory, cpus: defaultCPUs, silence: defaultSilence}
	var c complaints
	c.endpoint(&s.endpoint, w)
	c.add("domain_type", s.setDomainType(w.DomainType))
	c.add("pool", s.setPool(w.Pool))
	c.network(&s, w)
	c.add("memory", setNumber(&s.memory, w.Memory, minMemory, maxMemory))
	c.add("cpus", setNumber(&s.cpus, w.CPUs, 1, maxCPUs))
	c.add("timeout", setDuration(&s.silence, w.Timeout, minSilence, maxSilence))
	return s, c.err()
}

func (s *settings) setDomainType(given *string) error {
	if given == nil {
		return nil
	}
	if *given != "kvm" && *given != "qemu" {
		return errors.New("must be kvm, or qemu where KVM does not run guests")
	}
	s.domainType = *given
	return nil
}

func (s *settings) setPool(given *string) error {
	if given == nil {
		return nil
	}
	if !poolName.MatchString(*given) {
		return errors.New("must be the name of a storage pool: letters, digits and _ . -")
	}
	s.pool = *given
	return nil
}

func setNumber(to *uint, given *int, least, most int) error {
	if given == nil {
		return nil
	}
	if *given < least || *given > most {
		return fmt.Errorf("must be from %d to %d", least, most)
	}
	*to = uint(*given)
	return nil
}

func setDuration(to *time.Duration, given *string, least, most time.Duration) error {
	if given == nil {
		return nil
	}
	d, err := time.ParseDuration(*given)
	if err != nil || d < least || d > most {
		return fmt.Errorf(`must be a time from %v to %v, such as "%v"`, least, most, *to)
	}
	*to = d
	return nil
}

// complaints gathers what is wrong with settings.
type complaints []sdk.FieldError

func (c *complaints) add(field string, err error) {
	if err != nil {
		*c = append(*c, sdk.FieldError{Field: field, Text: err.Error()})
	}
}

// network checks the way machines stand on VLANs. Each way has a setting of its own, which means nothing to the other.
func (c *complaints) network(s *settings, w written) {
	switch w.Network {
	case viaBridges:
		c.add("trunk_nic", setLink(&s.trunk, w.Trunk, "that carries the VLANs"))
		c.add("bridge", unwanted(w.Bridge, viaOpenVSwitch))
	case viaOpenVSwitch:
		c.add("bridge", setLink(&s.bridge, w.Bridge, "of Open vSwitch"))
		c.add("trunk_nic", unwanted(w.Trunk, viaBridges))
	default:
		c.add("network", errors.New("must be bridges or openvswitch"))
	}
}

func setLink(to *string, given, which string) error {
	if !linkName.MatchString(given) {
		return errors.New("must be the name of the link " + which + ": at most 15 letters, digits and _ . -")
	}
	*to = given
	return nil
}

func unwanted(given, network string) error {
	if given == "" {
		return nil
	}
	return errors.New("belongs to network " + network + "; remove it")
}

func (c complaints) err() error {
	if len(c) == 0 {
		return nil
	}
	slices.SortFunc(c, func(a, b sdk.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: c}
}

// schema is the JSON Schema of the settings.
func schema() json.RawMessage {
	return json.RawMessage(`{
  "type": "object",
  "required": ["uri", "network"],
  "additionalProperties": false,
  "properties": {
    "uri": {"type": "string", "minLength": 1,
      "description": "The libvirt of the host: qemu:///system, qemu+unix:///system?socket=/path, qemu+ssh://user@host/system or qemu+tls://host/system"},
    "ca_certificate": {"type": "string", "description": "For tls: the certificates (PEM) that vouch for libvirtd"},
    "certificate": {"type": "string", "description": "For tls: the certificate (PEM) to show to libvirtd"},
    "private_key": {"type": "string", "writeOnly": true, "description": "For tls: the key (PEM) of that certificate"},
    "ssh_key": {"type": "string", "writeOnly": true, "description": "For ssh: the key (PEM, without a passphrase) of the user on the host"},
    "known_hosts": {"type": "string",
      "description": "For ssh: a file like OpenSSH's known_hosts where the driver runs; a host that is not in it is put there when it is first reached"},
    "domain_type": {"type": "string", "enum": ["kvm", "qemu"],
      "description": "How machines are run; absent, as the image's domain says, and kvm for image files"},
    "pool": {"type": "string", "default": "haas_headnodes", "description": "Storage pool of the machines' disks and of image files"},
    "network": {"type": "string", "enum": ["bridges", "openvswitch"], "description": "How machines stand on VLANs"},
    "trunk_nic": {"type": "string", "maxLength": 15, "description": "For bridges: the host's NIC that carries the VLANs"},
    "bridge": {"type": "string", "maxLength": 15, "description": "For openvswitch: the bridge whose uplink carries the VLANs"},
    "memory": {"type": "integer", "minimum": 16, "maximum": 16777216, "default": 2048,
      "description": "MiB of memory of machines made from image files"},
    "cpus": {"type": "integer", "minimum": 1, "maximum": 512, "default": 2,
      "description": "Processors of machines made from image files"},
    "timeout": {"type": "string", "default": "1m", "description": "How long libvirtd may take for one call"}
  }
}`)
}
