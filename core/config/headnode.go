package config

import (
	"maps"
	"slices"
)

const (
	mockHeadnode    = "http://schema.massopencloud.org/haas/v0/headnodes/mock"
	libvirtHeadnode = "http://schema.massopencloud.org/haas/v0/headnodes/libvirt"
)

// The ways headnodes stand on VLANs.
const (
	bridges     = "bridges"
	openVSwitch = "openvswitch"
)

// Headnode is [headnode]. What is empty or 0 was not given.
type Headnode struct {
	BaseImages []string
	// Driver is the type URL of the hypervisor. The rest is for that of libvirt.
	Driver          string
	LibvirtEndpoint string
	// Hosts are in place of LibvirtEndpoint, in the order in which they are written.
	Hosts []HeadnodeHost
	// TLSCA, TLSCert and TLSKey are PEM files, for an endpoint on another machine.
	TLSCA, TLSCert, TLSKey string
	// SSHKey is a file with a private key, KnownHosts one with the keys of hosts, for an endpoint that is reached over SSH.
	SSHKey, KnownHosts string
	DomainType         string
	Pool               string
	// Network is how headnodes stand on VLANs. TrunkNIC is for bridges, Bridge for openvswitch.
	Network          string
	TrunkNIC, Bridge string
	// Memory, in MiB, and CPUs are those of headnodes made from image files.
	Memory, CPUs int
	// TrunkVLANs are those outside the pool that headnodes may be on too.
	TrunkVLANs VLANSet
	// MaxPerProject is how many headnodes a project may have, MaxHNICs how many NICs a headnode.
	MaxPerProject, MaxHNICs int
}

// HeadnodeHost is one of several hosts of headnodes.
type HeadnodeHost struct {
	URI string
	// Capacity is how much memory, in MiB, headnodes may have there; 0 if that is all it has.
	Capacity int64
}

func headnodeKeys() map[string]setter {
	return map[string]setter{
		"base_imgs":        into(list, func(c *Config) *[]string { return &c.Headnode.BaseImages }),
		"driver":           into(webURL, func(c *Config) *string { return &c.Headnode.Driver }),
		"libvirt_endpoint": into(text, func(c *Config) *string { return &c.Headnode.LibvirtEndpoint }),
		"hosts":            into(hosts, func(c *Config) *[]HeadnodeHost { return &c.Headnode.Hosts }),
		"tls_ca":           into(text, func(c *Config) *string { return &c.Headnode.TLSCA }),
		"tls_cert":         into(text, func(c *Config) *string { return &c.Headnode.TLSCert }),
		"tls_key":          into(text, func(c *Config) *string { return &c.Headnode.TLSKey }),
		"ssh_key":          into(text, func(c *Config) *string { return &c.Headnode.SSHKey }),
		"known_hosts":      into(text, func(c *Config) *string { return &c.Headnode.KnownHosts }),
		"domain_type":      into(oneOf("kvm", "qemu"), func(c *Config) *string { return &c.Headnode.DomainType }),
		"pool":             into(text, func(c *Config) *string { return &c.Headnode.Pool }),
		"network":          into(oneOf(bridges, openVSwitch), func(c *Config) *string { return &c.Headnode.Network }),
		"trunk_nic":        into(text, func(c *Config) *string { return &c.Headnode.TrunkNIC }),
		"bridge":           into(text, func(c *Config) *string { return &c.Headnode.Bridge }),
		"memory":           into(positive, func(c *Config) *int { return &c.Headnode.Memory }),
		"cpus":             into(positive, func(c *Config) *int { return &c.Headnode.CPUs }),
		"trunk_vlans":      into(ParseVLANs, func(c *Config) *VLANSet { return &c.Headnode.TrunkVLANs }),
		"max_per_project":  into(positive, func(c *Config) *int { return &c.Headnode.MaxPerProject }),
		"max_hnics":        into(positive, func(c *Config) *int { return &c.Headnode.MaxHNICs }),
	}
}

// headnodeSettings are the keys of [headnode] by the names that libvirt's driver has for them.
func headnodeSettings() map[string]string {
	return map[string]string{
		"uri": "libvirt_endpoint", "ca_certificate": "tls_ca", "certificate": "tls_cert", "private_key": "tls_key",
		"ssh_key": "ssh_key", "known_hosts": "known_hosts", "domain_type": "domain_type", "pool": "pool", "network": "network", "trunk_nic": "trunk_nic", "bridge": "bridge",
		"memory": "memory", "cpus": "cpus",
	}
}

// chooseHeadnode takes libvirt where an endpoint of it is given, or several, and no driver is named.
func (l *loader) chooseHeadnode() {
	one, several := l.given("headnode", "libvirt_endpoint"), len(l.cfg.Headnode.Hosts) > 0
	if one && several {
		l.problem(place{"headnode", "hosts"}, "is given beside libvirt_endpoint; keep one of them, and add the host of libvirt_endpoint to hosts if headnodes are there")
	}
	if (one || several) && !l.given("headnode", "driver") {
		l.cfg.Headnode.Driver = libvirtHeadnode
	}
	if !l.cfg.Headnode.OnLibvirt() {
		l.warnUnusedHost()
	}
}

// warnUnusedHost says which keys mean nothing without libvirt. That the predecessor's trunk_nic is one harms nobody.
func (l *loader) warnUnusedHost() {
	for _, key := range slices.Sorted(maps.Values(headnodeSettings())) {
		if at := (place{"headnode", key}); key != "trunk_nic" && l.given(at.section, key) {
			l.warn(at, "is not used: it is for libvirt, but libvirt_endpoint is missing or driver names another one", l.cfg.lines[at])
		}
	}
}

// OnLibvirt reports that headnodes live on a host of libvirt's.
func (h Headnode) OnLibvirt() bool { return h.Driver == libvirtHeadnode }

// Settings are what libvirt's driver is told, but for the content of Files. The predecessor knew bridges only.
func (h Headnode) Settings() map[string]any {
	all := map[string]any{"network": bridges}
	for name, text := range map[string]string{
		"uri": h.LibvirtEndpoint, "known_hosts": h.KnownHosts, "domain_type": h.DomainType, "pool": h.Pool, "network": h.Network,
		"trunk_nic": h.TrunkNIC, "bridge": h.Bridge,
	} {
		if text != "" {
			all[name] = text
		}
	}
	for name, n := range map[string]int{"memory": h.Memory, "cpus": h.CPUs} {
		if n != 0 {
			all[name] = n
		}
	}
	return all
}

// Files are those whose content libvirt's driver is told, by its names for them; "" if there is none.
func (h Headnode) Files() map[string]string {
	return map[string]string{"ca_certificate": h.TLSCA, "certificate": h.TLSCert, "private_key": h.TLSKey, "ssh_key": h.SSHKey}
}

// HeadnodeError says that the driver of headnodes refused a setting, with the line its key stands on, 0 if it stands on none.
func (c *Config) HeadnodeError(setting, text string) *Error {
	key, ok := headnodeSettings()[setting]
	switch {
	case !ok:
		key = setting
	case setting == "uri" && len(c.Headnode.Hosts) > 0:
		key = "hosts"
	}
	at := place{"headnode", key}
	return &Error{File: c.File, Line: c.lines[at], Section: at.section, Key: at.key, Text: text}
}
