package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// The switches, and the bridges behind them.
const (
	nexus        = "nexus"
	powerconnect = "powerconnect"
	vswitch      = "vswitch"
)

// The VLANs that networks are made from, few because the watcher tries them all; and one that no switch has. They are
// above 127: Open vSwitch 3.1.0 may let single frames of lower ones through in the instant in which a trunk's list
// changes, whatever the lists were.
const (
	firstVLAN = 201
	lastVLAN  = 204
	dummyVLAN = 999
)

// vlans are the VLANs that networks are made from.
func vlans() []int {
	var all []int
	for v := firstVLAN; v <= lastVLAN; v++ {
		all = append(all, v)
	}
	return all
}

// newMachines are the nodes, and where their cables end.
func newMachines() []*machine {
	ports := []struct{ sw, port string }{
		{nexus, "Ethernet1/1"}, {nexus, "Ethernet1/2"}, {nexus, "Ethernet1/3"},
		{powerconnect, "gi1/0/1"}, {powerconnect, "gi1/0/2"}, {powerconnect, "gi1/0/3"},
		{vswitch, ""}, {vswitch, ""},
	}
	machines := make([]*machine, len(ports))
	for i, p := range ports {
		m := &machine{name: fmt.Sprintf("n%d", i+1), number: i + 1, sw: p.sw, port: p.port}
		if m.port == "" {
			m.port = m.plug()
		}
		machines[i] = m
	}
	return machines
}

// startSwitches makes the bridges, and the uplinks between them: all VLANs of the pool, and no other frames.
func (l *Lab) startSwitches(ctx context.Context) (err error) {
	if l.ovs, err = ovstest.Start(ctx, l.path("ovs")); err != nil {
		return err
	}
	l.atEnd(l.ovs.Close)
	for _, bridge := range []string{nexus, powerconnect, vswitch} {
		if err := l.ovs.AddBridge(ctx, bridge); err != nil {
			return err
		}
	}
	return errors.Join(l.uplink(ctx, nexus, powerconnect), l.uplink(ctx, powerconnect, vswitch))
}

func (l *Lab) uplink(ctx context.Context, a, b string) error {
	var args []string
	for _, ends := range [][2]string{{a, b}, {b, a}} {
		here, there := ends[0]+"-up-"+ends[1][:1], ends[1]+"-up-"+ends[0][:1]
		args = append(args, "--", "add-port", ends[0], here, "vlan_mode=trunk", "trunks="+ids(vlans()),
			"--", "set", "Interface", here, "type=patch", "options:peer="+there)
	}
	_, err := l.ovs.Ctl(ctx, args[1:]...)
	return err
}

func (l *Lab) startMachines(ctx context.Context) error {
	l.machines = newMachines()
	l.watcher = newWatcher(filepath.Base(l.dir), l.machines, vlans())
	for _, m := range l.machines {
		l.atEnd(m.stop)
		if err := m.start(ctx, l.ovs, m.sw); err != nil {
			return err
		}
	}
	return nil
}

// startFronts puts a simulated switch in front of two of the bridges.
func (l *Lab) startFronts(ctx context.Context) error {
	devices := map[string]consoletest.Switch{
		nexus:        nexus5k.New(consoletest.Options{}),
		powerconnect: powerconnect55.New(consoletest.Options{}),
	}
	turn := &sync.Mutex{}
	for name, device := range devices {
		f := &front{
			device: device, ovs: l.ovs, turn: turn, bridge: name, plugs: map[string]string{}, watcher: l.watcher, driver: "switch-" + name,
			failed: func(err error) { l.cancel(err) },
		}
		for _, m := range l.machines {
			if m.sw == name {
				f.plugs[m.port] = m.plug()
			}
		}
		l.fronts[name] = f
		l.atEnd(f.stop)
		if err := f.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// register tells the server of everything, as an operator would: by a file.
func (l *Lab) register(ctx context.Context) error {
	l.switches = []string{nexus, powerconnect, vswitch}
	text, err := yaml.Marshal(l.site())
	if err != nil {
		return err
	}
	if err := os.WriteFile(l.path("site.yaml"), text, 0o600); err != nil {
		return err
	}
	return l.operate(ctx, "", "site", "import", l.path("site.yaml"))
}

// object is a mapping of the site's file.
type object = map[string]any

// site is what is in the file.
func (l *Lab) site() object {
	var nodes []object
	for _, m := range l.machines {
		nodes = append(nodes, object{
			"name": m.name,
			"obm":  object{"type": "mock", "settings": object{"host": m.name, "user": "admin", "password": "admin"}},
			"nics": []object{{"name": nic, "mac": m.mac().String(), "switch": m.sw, "port": m.port}},
		})
	}
	return object{"nodes": nodes, "switches": []object{
		{"name": nexus, "type": "nexus", "settings": l.login(nexus, object{"dummy_vlan": dummyVLAN})},
		{"name": powerconnect, "type": "powerconnect55xx", "settings": l.login(powerconnect, object{})},
		{"name": vswitch, "type": "ovs", "settings": object{"ovs_bridge": vswitch, "ovsdb": l.ovs.Endpoint()}},
	}}
}

// login adds to settings where a simulated switch is.
func (l *Lab) login(sw string, settings object) object {
	settings["hostname"], settings["port"] = "127.0.0.1", l.fronts[sw].tcpPort()
	settings["username"], settings["password"] = "admin", "admin"
	return settings
}

// config is the server's haas.cfg.
func (l *Lab) config() string {
	return strings.Join([]string{
		"[general]", "log_level = DEBUG",
		"[server]", "listen = 127.0.0.1:0",
		"[extensions]", "haas.ext.auth.database =", "haas.ext.network_allocators.vlan_pool =",
		"[haas.ext.network_allocators.vlan_pool]", fmt.Sprintf("vlans = %d-%d", firstVLAN, lastVLAN),
		"[database]", "uri = sqlite:///" + l.path("haas.db"),
		"[headnode]", "base_imgs = none",
		"[plugins]", "dir = " + filepath.Join(l.o.Bin, "plugins"), "run_dir = " + l.path("run"),
		"[console]", "log_dir = " + l.path("consoles"),
		// A lab has no time to wait for devices to recover.
		"[fabric]", "retry_delay = 50ms", "retry_max_delay = 500ms", "save_delay = 200ms", "visit_timeout = 20s", "lease = 1s",
		"[obm-mock]", "state_dir = " + l.path("mock"),
		"",
	}, "\n")
}
