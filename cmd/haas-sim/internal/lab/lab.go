// Package lab is HaaS with real packets on one machine: network namespaces as nodes, bridges of Open vSwitch behind
// simulated command lines, the real server with the real drivers, and two projects that must never reach each other.
// It walks through what users do, prints who reaches whom after each step, and fails if anybody reaches whom it must
// not, even for a moment. It is for seeing and for testing HaaS, not for running it: nothing outlives the lab.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// Options are what is told to a lab.
type Options struct {
	// Bin is the folder with the program haas, and the drivers in its folder plugins.
	Bin string
	// Out takes what happens, for people.
	Out io.Writer
}

// Lab is a running lab.
type Lab struct {
	o   Options
	dir string

	ovs    *ovstest.Switch
	fronts map[string]*front
	// switches are the names of those that the server knows.
	switches []string
	machines []*machine
	watcher  *watcher
	unwatch  func()
	server   *server
	operator account
	physics  *tenant
	biology  *tenant
	// steps counts those taken.
	steps int

	// ctx ends when the lab does, or breaks.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// background is what runs until the lab ends.
	background sync.WaitGroup
	closers    []func() error

	mu sync.Mutex // guards o.Out
}

// Start builds a lab: the machines are cabled and free, all ports are closed, and two projects have users. Close it
// whether it could be built or not.
func Start(ctx context.Context, o Options) (*Lab, error) {
	l := &Lab{o: o, fronts: map[string]*front{}}
	ctx, l.cancel = context.WithCancelCause(ctx)
	l.ctx = ctx
	for _, step := range []func(context.Context) error{
		l.makeDir, l.startSwitches, l.startMachines, l.startFronts, l.startServer, l.register, l.watch, l.admit,
	} {
		if err := step(ctx); err != nil {
			return l, l.because(err)
		}
	}
	return l, nil
}

// Close ends the lab and removes everything it made, the last first.
func (l *Lab) Close() error {
	l.cancel(context.Canceled)
	l.background.Wait()
	var errs []error
	for _, c := range slices.Backward(l.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// atEnd remembers what ends something of the lab's.
func (l *Lab) atEnd(f func() error) { l.closers = append(l.closers, f) }

// because is why the lab broke or was interrupted, if it was; else it is the error at hand, which then is not only a
// consequence.
func (l *Lab) because(err error) error {
	cause := context.Cause(l.ctx)
	switch {
	case cause == nil:
		return err
	case errors.Is(cause, context.Canceled):
		return errInterrupted
	default:
		return cause
	}
}

// errInterrupted says that somebody wanted no more.
var errInterrupted = errors.New("the lab was interrupted")

// makeDir makes the folder of everything. Sockets in it need a short path.
func (l *Lab) makeDir(context.Context) (err error) {
	if l.dir, err = os.MkdirTemp("", "lab"); err != nil {
		return err
	}
	l.atEnd(func() error { return os.RemoveAll(l.dir) })
	return os.Mkdir(l.path("ovs"), 0o700)
}

func (l *Lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l *Lab) startServer(ctx context.Context) error {
	l.server = &server{bin: l.o.Bin, dir: l.dir}
	if err := os.WriteFile(l.server.config(), []byte(l.config()), 0o600); err != nil {
		return err
	}
	l.operator = account{name: "operator", password: "operators-password", server: l.server}
	_, err := l.operator.with(ctx, l.operator.password, "create_admin_user", l.operator.name, "--password-stdin", "--config", l.server.config())
	if err != nil {
		return err
	}
	l.atEnd(func() error { l.server.stop(); return nil })
	return l.server.start(ctx)
}

// watch waits until all ports are closed, which the server sees to, and watches from then on.
func (l *Lab) watch(ctx context.Context) error {
	if err := l.settle(ctx); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	l.unwatch = stop
	l.background.Go(func() {
		if err := l.watcher.run(watching); err != nil {
			l.cancel(err)
		}
	})
	return nil
}

// admit makes the projects and their users.
func (l *Lab) admit(ctx context.Context) (err error) {
	if l.physics, err = l.newTenant(ctx, "physics"); err != nil {
		return err
	}
	l.biology, err = l.newTenant(ctx, "biology")
	return err
}

func (l *Lab) newTenant(ctx context.Context, name string) (*tenant, error) {
	t := &tenant{account: account{name: name, password: name + "-password", server: l.server}, lab: l}
	if err := l.operate(ctx, "", "project", "create", name); err != nil {
		return nil, err
	}
	if err := l.operate(ctx, t.password, "user", "create", name, "--password-stdin"); err != nil {
		return nil, err
	}
	return t, l.operate(ctx, "", "user", "project", "add", name, name)
}

// operate runs a command of the operator's and shows it.
func (l *Lab) operate(ctx context.Context, input string, args ...string) error {
	l.show(l.operator, args)
	_, err := l.operator.with(ctx, input, args...)
	return err
}

// say prints a line.
func (l *Lab) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.o.Out, format+"\n", args...)
}

// show prints a command before it is run.
func (l *Lab) show(a account, args []string) { l.say("  %s$ haas %s", a.name, strings.Join(args, " ")) }
