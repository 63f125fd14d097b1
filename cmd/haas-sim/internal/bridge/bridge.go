// Package bridge lets a bridge of Open vSwitch forward what the ports of a simulated switch carry, so that a device of which
// there is only a command line steers real packets. It makes no bridges and no interfaces.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// patience is how long ovs-vsctl may wait for the daemons.
const patience = 10 * time.Second

// interfaceName is a name that Linux lets an interface have, and that ovs-vsctl does not take for something else.
var interfaceName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$`)

// Bridge is a bridge in front of which a simulated switch stands.
type Bridge struct {
	// Name is the bridge, which must exist; Database is where its database listens ("unix:/run/openvswitch/db.sock"), or
	// empty for the place where ovs-vsctl looks.
	Name, Database string
	// Plugs are the bridge's interfaces by the names of the simulated ports they are. Those that are no ports of the bridge
	// become some.
	Plugs map[string]string
	// Control runs ovs-vsctl; nil is the program.
	Control func(ctx context.Context, args ...string) error

	mu      sync.Mutex // guards the field below, and keeps the changes in order
	carried map[string]consoletest.Carried
}

// Follow makes the bridge carry what the switch does, now and after each command, until ctx ends. The first error is
// returned, later ones are told to failed: from then on the bridge and the switch may differ.
func (b *Bridge) Follow(ctx context.Context, sw consoletest.Switch, failed func(error)) error {
	if err := b.check(sw); err != nil {
		return err
	}
	b.carried = map[string]consoletest.Carried{}
	if err := b.sync(ctx, sw.Carried); err != nil {
		return err
	}
	sw.OnCommand(func(consoletest.Typed) {
		if err := b.sync(ctx, sw.Carried); err != nil && ctx.Err() == nil {
			failed(err)
		}
	})
	return nil
}

// Close lets nothing through any more, as a switch that is switched off.
func (b *Bridge) Close(ctx context.Context) error {
	return b.sync(ctx, func(string) consoletest.Carried { return consoletest.Carried{} })
}

// check refuses names that nobody has.
func (b *Bridge) check(sw consoletest.Switch) error {
	var errs []error
	if !interfaceName.MatchString(b.Name) {
		errs = append(errs, fmt.Errorf("%q is no name of a bridge", b.Name))
	}
	ports := sw.Ports()
	for port, plug := range b.Plugs {
		if !slices.Contains(ports, port) {
			errs = append(errs, fmt.Errorf("the switch has no port %q", port))
		}
		if !interfaceName.MatchString(plug) {
			errs = append(errs, fmt.Errorf("%q is no name of an interface", plug))
		}
	}
	return errors.Join(errs...)
}

// sync changes the ports that do not carry what they should, all at once.
func (b *Bridge) sync(ctx context.Context, carried func(port string) consoletest.Carried) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := map[string]consoletest.Carried{}
	var args []string
	for _, port := range slices.Sorted(maps.Keys(b.Plugs)) {
		now := carried(port)
		if was, known := b.carried[port]; !known || !was.Equal(now) {
			changed[port] = now
			args = append(args, "--", "--may-exist", "add-port", b.Name, b.Plugs[port], "--", "set", "Port", b.Plugs[port])
			args = append(args, columns(now)...)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := b.control(ctx, args); err != nil {
		return fmt.Errorf("let bridge %s carry what its switch does: %w", b.Name, err)
	}
	maps.Copy(b.carried, changed)
	return nil
}

// nowhere is the VLAN of ports that carry nothing: no switch has it.
const nowhere = 4095

// columns are a port's settings in the database. A trunk without a list of VLANs would carry all of them, so a port that carries
// nothing is on a VLAN that no other has, and reaches no port like it. That needs no list: where a port gives one up, Open vSwitch
// 3.1.0 may for a moment forward by memory that is another port's list by then.
func columns(c consoletest.Carried) []string {
	mode, tag, trunks := "trunk", "[]", list(c.Tagged)
	switch {
	case c.Nothing():
		mode, tag = "access", strconv.Itoa(nowhere)
	case c.Native != 0 && len(c.Tagged) == 0:
		mode, tag = "access", strconv.Itoa(c.Native)
	case c.Native != 0:
		mode, tag = "native-untagged", strconv.Itoa(c.Native)
	}
	return []string{"vlan_mode=" + mode, "tag=" + tag, "trunks=" + trunks, "protected=" + strconv.FormatBool(c.Nothing())}
}

// list is a set as the database takes it.
func list(ids []int) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.Itoa(id)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// control runs ovs-vsctl, which waits until the daemon forwards accordingly.
func (b *Bridge) control(ctx context.Context, args []string) error {
	options := []string{"--timeout=" + strconv.Itoa(int(patience.Seconds()))}
	if b.Database != "" {
		options = append(options, "--db="+b.Database)
	}
	args = append(options, args...)
	if b.Control != nil {
		return b.Control(ctx, args...)
	}
	out, err := exec.CommandContext(ctx, "ovs-vsctl", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ovs-vsctl: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
