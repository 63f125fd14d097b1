package ovstest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience bounds the start and the stop of a daemon, on a machine that is busy with tests.
const patience = time.Minute

// schemaFile is where Debian keeps the schema of the database.
const schemaFile = "/usr/share/openvswitch/vswitch.ovsschema"

// longestDir leaves room for the sockets in it: their paths may have 107 characters.
const longestDir = 80

// Switch is a running Open vSwitch. Its bridges and ports are in a network namespace of its own, so that their names are.
type Switch struct {
	// Database is the ovsdb-server. It keeps what it knows over a restart.
	Database *Daemon
	// Forwarder is the ovs-vswitchd, which moves the packets.
	Forwarder *Daemon

	dir string
	ns  *Namespace
}

// Start starts a switch without bridges, whose files are in dir: an empty folder with a short path. ctx is for the start.
func Start(ctx context.Context, dir string) (*Switch, error) {
	if len(dir) > longestDir {
		return nil, fmt.Errorf("the folder %s has more than %d characters: sockets need a short path", dir, longestDir)
	}
	if err := Available(); err != nil {
		return nil, err
	}
	ns, err := newNamespace()
	if err != nil {
		return nil, err
	}
	s := &Switch{dir: dir, ns: ns}
	s.Database = s.daemon("ovsdb-server", s.path("conf.db"), "--remote=punix:"+s.path("db.sock"), "--unixctl="+s.path("db.ctl"))
	s.Forwarder = s.daemon("ovs-vswitchd", s.Endpoint(), "--disable-system", "--pidfile="+s.path("ovs-vswitchd.pid"))
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Switch) daemon(program string, args ...string) *Daemon {
	args = append(args, "--no-chdir", "-vsyslog:off", "-vconsole:info")
	return &Daemon{program: program, args: args, env: s.env(), log: s.path(program + ".log"), ns: s.ns}
}

func (s *Switch) start(ctx context.Context) error {
	if _, err := s.run(ctx, "ovsdb-tool", "create", s.path("conf.db"), schemaFile); err != nil {
		return err
	}
	if err := s.Database.Start(); err != nil {
		return err
	}
	if _, err := s.Ctl(ctx, "--no-wait", "--retry", "init"); err != nil {
		return err
	}
	if err := s.Forwarder.Start(); err != nil {
		return err
	}
	_, err := s.Ctl(ctx, "set", "Open_vSwitch", ".", "external_ids:ready=true") // waits for ovs-vswitchd
	return err
}

// Close stops both daemons and waits for them. The machines stay, with their plugs pulled.
func (s *Switch) Close() error {
	s.Forwarder.Stop()
	s.Database.Stop()
	return s.ns.Close()
}

// Endpoint is where the database listens: "unix:/tmp/ovs1/db.sock".
func (s *Switch) Endpoint() string { return "unix:" + s.path("db.sock") }

// Dir is the folder with the switch's files: the logs ovsdb-server.log and ovs-vswitchd.log among them.
func (s *Switch) Dir() string { return s.dir }

func (s *Switch) path(name string) string { return filepath.Join(s.dir, name) }

// Do calls f in the switch's network namespace, as Namespace.Do does: what f opens or starts can be plugged in.
func (s *Switch) Do(f func() error) error { return s.ns.Do(f) }

// Ctl runs ovs-vsctl with some arguments and gives what it printed. It waits until the switch does what it says.
func (s *Switch) Ctl(ctx context.Context, args ...string) (string, error) {
	return s.run(ctx, "ovs-vsctl", append([]string{"--db=" + s.Endpoint()}, args...)...)
}

// AddBridge makes a bridge in user space. Its name is of at most 15 characters.
func (s *Switch) AddBridge(ctx context.Context, bridge string) error {
	_, err := s.Ctl(ctx, "add-br", bridge, "--", "set", "Bridge", bridge, "datapath_type=netdev")
	return err
}

// Plug lays a cable from a port of a bridge, made with it, to a new NIC of a machine. The port is as Open vSwitch makes
// it: a trunk of all VLANs. Both names are of at most 15 characters.
func (s *Switch) Plug(ctx context.Context, bridge, port string, machine *Namespace, nic string) error {
	_, err := s.run(ctx, "ip", "link", "add", port, "netns", s.ns.path(), "type", "veth", "peer", "name", nic, "netns", machine.path())
	if err != nil {
		return err
	}
	if _, err := s.ns.Run(ctx, "ip", "link", "set", port, "up"); err != nil {
		return err
	}
	if err := machine.enable(ctx, nic); err != nil {
		return err
	}
	_, err = s.Ctl(ctx, "add-port", bridge, port)
	return err
}

func (s *Switch) run(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = s.env()
	return output(cmd)
}

// env keeps the programs away from the files of the system's Open vSwitch.
func (s *Switch) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "OVS_RUNDIR=" + s.dir, "OVS_DBDIR=" + s.dir, "OVS_LOGDIR=" + s.dir}
}

// output is what a program printed; its error has what it complained about.
func output(cmd *exec.Cmd) (string, error) {
	var said, complained strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &complained
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(complained.String()))
	}
	return strings.TrimSpace(said.String()), nil
}
