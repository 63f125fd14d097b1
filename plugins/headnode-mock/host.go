package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// firstScreen is the TCP port of VNC display 0.
const firstScreen = 5900

// host is a mock host as its file has it.
type host struct {
	Name     string              `json:"name"`
	Machines map[string]*machine `json:"machines"`
}

// machine is one virtual machine.
type machine struct {
	Image   string `json:"image"`
	NICs    []nic  `json:"nics"`
	Running bool   `json:"running"`
	// VNCPort is 0 while the machine does not run.
	VNCPort int `json:"vnc_port"`
	// Starts counts how often the machine was powered on.
	Starts int `json:"starts"`
	// Seed is absent from a machine that was made without one.
	Seed *seed `json:"seed,omitempty"`
}

// seed is what the machine was told of itself. The user data may hold secrets, so only their checksum is kept.
type seed struct {
	Hostname       string   `json:"hostname"`
	SSHKeys        []string `json:"ssh_keys"`
	UserDataSHA256 string   `json:"user_data_sha256,omitempty"`
}

func describeSeed(from headnode.Seed) *seed {
	s := &seed{Hostname: from.Hostname, SSHKeys: append([]string{}, from.SSHKeys...)}
	if from.UserData != "" {
		s.UserDataSHA256 = fmt.Sprintf("%x", sha256.Sum256([]byte(from.UserData.Reveal())))
	}
	return s
}

// nic is a network card. VLAN 0 is none.
type nic struct {
	Label string `json:"label"`
	VLAN  int    `json:"vlan"`
}

func newHost(name string) *host { return &host{Name: name, Machines: map[string]*machine{}} }

func (h *host) create(spec headnode.Spec, sown *seed) {
	if h.Machines[spec.ID] != nil {
		return
	}
	m := &machine{Image: spec.Image, NICs: []nic{}, Seed: sown}
	for _, n := range spec.NICs {
		m.NICs = append(m.NICs, nic{Label: n.Label, VLAN: n.VLAN})
	}
	h.Machines[spec.ID] = m
}

func (h *host) find(id string) (*machine, error) {
	m := h.Machines[id]
	if m == nil {
		return nil, &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("no machine %s on %s", id, h.Name)}
	}
	return m, nil
}

func (h *host) start(id string) error {
	m, err := h.find(id)
	if err != nil || m.Running {
		return err
	}
	m.VNCPort = h.freeScreen()
	m.Running = true
	m.Starts++
	return nil
}

func (h *host) stop(id string) error {
	m, err := h.find(id)
	if err != nil {
		return err
	}
	if !m.Running {
		return &sdk.Error{Code: sdk.Refused, Text: "machine " + id + " is not running"}
	}
	m.Running, m.VNCPort = false, 0
	return nil
}

// plug puts a card of a machine on a VLAN.
func (h *host) plug(id string, n headnode.NIC) error {
	m, err := h.find(id)
	if err != nil {
		return err
	}
	for i := range m.NICs {
		if m.NICs[i].Label == n.Label {
			m.NICs[i].VLAN = n.VLAN
			return nil
		}
	}
	return &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("machine %s has no nic %s", id, n.Label)}
}

// freeScreen is the lowest port no running machine has.
func (h *host) freeScreen() int {
	taken := map[int]bool{}
	for _, m := range h.Machines {
		taken[m.VNCPort] = true
	}
	port := firstScreen
	for taken[port] {
		port++
	}
	return port
}

// checkNICs collects the VLANs that cannot be.
func checkNICs(nics []headnode.NIC) error {
	var bad []string
	for _, n := range nics {
		if n.VLAN < 0 || n.VLAN > 4094 {
			bad = append(bad, n.Label)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: "a VLAN id is from 1 to 4094, 0 for none: nic " + strings.Join(bad, ", ")}
}
