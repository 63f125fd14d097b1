package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk"
)

// prefix begins the name of every machine; the rest is the machine's UUID.
const prefix = "headnode-"

// machineID is narrower than it would have to be, so that nothing of an operator's is taken for a machine's.
var machineID = regexp.MustCompile(`\A` + prefix + `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`)

func checkID(id string) error {
	if machineID.MatchString(id) {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: fmt.Sprintf("machine %q: must be %s and a UUID in small letters", id, prefix)}
}

// mark is what makes a machine of libvirt one of HaaS, in the machine's own description. Others are never touched.
type mark struct {
	XMLName xml.Name  `xml:"https://github.com/CCI-MOC/haas/headnode/1 machine"`
	Image   string    `xml:"image,attr"`
	NICs    []markNIC `xml:"nic"`
}

// markNIC says which card has which name. Which VLAN it is on says the card.
type markNIC struct {
	Label string `xml:"label,attr"`
	MAC   string `xml:"mac,attr"`
}

// machine is a machine as libvirt has it.
type machine struct {
	libvirt.Domain
	mark

	// now is its description: of what runs if it runs, else of what would.
	now libvirtxml.Domain
}

// ours reports that HaaS made it.
func (m *machine) ours() bool { return m.mark.XMLName.Local != "" }

func (m *machine) running() bool { return m.now.ID != nil }

// vncPort is the TCP port of the screen, 0 if there is none.
func (m *machine) vncPort() int {
	if v := m.vnc(); v != nil && m.running() {
		return max(0, v.Port)
	}
	return 0
}

// vnc is the screen, nil if there is none.
func (m *machine) vnc() *libvirtxml.DomainGraphicVNC {
	if m.now.Devices == nil {
		return nil
	}
	for _, g := range m.now.Devices.Graphics {
		if g.VNC != nil {
			return g.VNC
		}
	}
	return nil
}

// cards are the machine's network cards.
func (m *machine) cards() []libvirtxml.DomainInterface {
	if m.now.Devices == nil {
		return nil
	}
	return m.now.Devices.Interfaces
}

// files are the paths of the machine's own disks, and of its seed.
func (m *machine) files() []string {
	var paths []string
	for _, d := range disksOf(&m.now) {
		if d.Source != nil && d.Source.File != nil {
			if id, ok := ownerOf(d.Source.File.File); ok && id == m.Name {
				paths = append(paths, d.Source.File.File)
			}
		}
	}
	return paths
}

func disksOf(d *libvirtxml.Domain) []libvirtxml.DomainDisk {
	if d.Devices == nil {
		return nil
	}
	return d.Devices.Disks
}

// find is the machine of that name. NotFound if there is none, or one that HaaS did not make.
func (s *session) find(ctx context.Context, id string) (*machine, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	dom, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.Domain, error) { return l.DomainLookupByName(id) })
	if err != nil {
		return nil, err
	}
	m, err := s.describe(ctx, dom)
	if err == nil && !m.ours() {
		return nil, &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("machine %s on %s was not made by HaaS, and is left alone", id, s.settings.endpoint)}
	}
	return m, err
}

// describe asks for the description of a machine, whoever made it.
func (s *session) describe(ctx context.Context, dom libvirt.Domain) (*machine, error) {
	return s.read(ctx, dom, 0)
}

// read is describe with what flags ask for besides.
func (s *session) read(ctx context.Context, dom libvirt.Domain, flags libvirt.DomainXMLFlags) (*machine, error) {
	text, err := get(ctx, s.link, func(l *libvirt.Libvirt) (string, error) { return l.DomainGetXMLDesc(dom, flags) })
	if err != nil {
		return nil, err
	}
	m := &machine{Domain: dom}
	if err := m.now.Unmarshal(text); err != nil {
		return nil, fmt.Errorf("understand the description of %s: %w", dom.Name, err)
	}
	if m.now.Metadata != nil {
		m.mark = findMark(m.now.Metadata.XML)
	}
	return m, nil
}

// findMark is HaaS's element among those that programs have left in a machine's description; the zero mark if there is none.
func findMark(metadata string) mark {
	d := xml.NewDecoder(strings.NewReader(metadata))
	for {
		token, err := d.Token()
		if err != nil {
			return mark{}
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		var m mark
		if d.DecodeElement(&m, &start) == nil {
			return m
		}
		// The decoder refuses an element of another name before it reads on.
	}
}

// all are the host's machines, whoever made them. One that goes away meanwhile is left out.
func (s *session) all(ctx context.Context) ([]*machine, error) {
	doms, err := get(ctx, s.link, func(l *libvirt.Libvirt) ([]libvirt.Domain, error) {
		doms, _, err := l.ConnectListAllDomains(1, 0)
		return doms, err
	})
	if err != nil {
		return nil, err
	}
	var all []*machine
	for _, dom := range doms {
		m, err := s.describe(ctx, dom)
		if is(err, libvirt.ErrNoDomain) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
