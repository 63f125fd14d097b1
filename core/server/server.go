// Package server puts the rooms together: the one place that knows them all. The program and the tests start HaaS
// through it. It holds no rule and speaks no protocol.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/power"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
)

// settleWait is how long reserving a node waits for its switches: a script that cables and reserves in one go must work,
// and a switch that is down must not make callers hang.
const settleWait = 5 * time.Second

// powerDeadline bounds asking a controller for its node's power: slow ones take half a minute to log in.
const powerDeadline = time.Minute

// Options say what to start.
type Options struct {
	Config *config.Config
	// Log takes what the server and its drivers have to say; nil makes one as the configuration says.
	Log hclog.Logger
	// API serves HTTP; Fabric works the switches. At least one.
	API, Fabric bool
	// Listener is where the API is served; nil makes one as the configuration says.
	Listener net.Listener
	// Version is the program's, for /healthz.
	Version string
	// OnReady is called once with the API's address, empty without API, when the server serves. It may be nil.
	OnReady func(address string)
}

// Server is HaaS, ready to run once.
type Server struct {
	Options
	store    *store.Store
	drivers  *drivers.Manager
	fabric   *fabric.Fabric
	notices  *service.Notices
	consoles *console.Hub
	screens  *console.Screens
	powers   *power.Sweeper
	debts    *service.Debts
	service  *service.Service
	auth     auth.Authenticator
	closeLog func() error
}

// New puts a server together. Nothing runs yet, and nothing is reached for but the log file.
func New(o Options) (*Server, error) {
	if err := supported(o.Config); err != nil {
		return nil, err
	}
	s := &Server{Options: o, closeLog: func() error { return nil }}
	if s.Log == nil {
		log, closeLog, err := newLog(o.Config.General)
		if err != nil {
			return nil, err
		}
		s.Log, s.closeLog = log, closeLog
	}
	db, err := store.Open(o.Config.Database.URI.Reveal())
	if err != nil {
		return nil, errors.Join(err, s.closeLog())
	}
	s.store = db
	if err := s.assemble(); err != nil {
		return nil, errors.Join(err, db.Close(), s.closeLog())
	}
	return s, nil
}

// supported refuses what the configuration may say and this server cannot do.
func supported(c *config.Config) error {
	if c.Network.Allocator != config.AllocatorVLANPool {
		return core.Errorf(core.BadArgument, "%s: the network allocator %q is not supported; load haas.ext.network_allocators.vlan_pool instead",
			c.File, c.Network.Allocator)
	}
	return nil
}

func (s *Server) assemble() error {
	c := s.Config
	headnodes, err := headnodeConfig(c)
	if err != nil {
		return err
	}
	s.drivers = drivers.New(drivers.Config{
		Dir: c.Plugins.Dir, RunDir: c.Plugins.RunDir, Sections: sections(c), Log: s.Log,
		Locate: func(driver, key, text string) error { return c.DriverError(driver, key, text) },
	})
	s.fabric = fabric.New(fabric.Config{
		Store: s.store, Drivers: s.drivers, Log: s.Log.Named("fabric"), Poll: c.Fabric.Poll, Retries: c.Fabric.Retries,
		RetryDelay: c.Fabric.RetryDelay, RetryMaxDelay: c.Fabric.RetryMaxDelay, SaveDelay: c.Fabric.SaveDelay,
		VisitTimeout: c.Fabric.VisitTimeout, Lease: c.Fabric.Lease, Linger: c.Fabric.Linger, Check: c.Fabric.CheckInterval,
	})
	s.notices = service.NewNotices(s.store, s.Log.Named("maintenance"))
	s.consoles = console.New(console.Config{
		Store: s.store, Open: service.ConsoleOpener(s.drivers), OpenHeadnode: service.HeadnodeConsoleOpener(s.drivers, headnodes),
		Log:     s.Log.Named("console"),
		Address: c.Server.Advertise, Dir: c.Console.LogDir, LogSize: c.Console.LogSize,
	})
	s.screens = console.NewScreens()
	s.powers = power.New(power.Config{
		Store: s.store, Ask: service.AskPower(s.drivers, s.Log.Named("service")), Log: s.Log.Named("power"),
		Interval: c.Power.Interval, Rate: c.Power.Rate, Deadline: powerDeadline,
	})
	s.debts = service.NewDebts(service.DebtsConfig{Store: s.store, Drivers: s.drivers, Headnodes: headnodes, Log: s.Log.Named("headnodes")})
	s.service = service.New(s.serviceConfig(headnodes))
	s.auth = auth.Null{}
	if c.Auth.Backend == config.AuthDatabase {
		s.auth = auth.NewDatabase(s.store, c.Auth.RequireAuthentication)
	}
	return nil
}

func (s *Server) serviceConfig(headnodes service.HeadnodeConfig) service.Config {
	c := s.Config
	return service.Config{
		Store: s.store, Drivers: s.drivers, Wake: s.fabric.Wake, Ask: s.fabric.Ask, Notify: s.notices.Wake, Consoles: s.consoles, Screens: s.screens,
		Powers: s.powers, Pool: c.Network.VLANs, Log: s.Log.Named("service"),
		Headnodes: headnodes, Debts: s.debts,
		Maintenance: service.Maintenance{Project: c.Maintenance.Project, URL: c.Maintenance.URL, Shutdown: c.Maintenance.Shutdown},
		Accounts:    c.Auth.Backend == config.AuthDatabase,
		SettleWait:  settleWait,
		Extensions:  c.Extensions, DryRun: c.Devel.DryRun,
	}
}

func sections(c *config.Config) map[string]map[string]string {
	all := make(map[string]map[string]string, len(c.Drivers))
	for name, settings := range c.Drivers {
		all[name] = settings
	}
	return all
}

// Run serves until ctx ends or something vital fails; then nothing of the server runs any more, drivers included.
func (s *Server) Run(ctx context.Context) error {
	defer func() { _ = s.closeLog() }() // nobody is left to tell
	for _, w := range s.Config.Warnings {
		s.Log.Warn(w)
	}
	err := s.store.Migrate(ctx)
	if err == nil {
		err = s.run(ctx)
	}
	return errors.Join(err, s.store.Close())
}

// run starts the parts and waits for them. Drivers come first and go last, for the others call them.
func (s *Server) run(ctx context.Context) error {
	listener, err := s.listen(ctx)
	if err != nil {
		return err
	}
	hosting, stopDrivers := context.WithCancel(context.WithoutCancel(ctx))
	var hosted sync.WaitGroup
	var failure error
	hosted.Go(func() { failure = s.drivers.Run(hosting) })
	err = s.work(ctx, listener)
	s.consoles.Shutdown()
	s.screens.Shutdown()
	stopDrivers()
	hosted.Wait()
	if errors.Is(err, failure) { // also if both are nil
		return err
	}
	return errors.Join(err, failure)
}

// work runs what stands on the drivers. The first part to fail ends the others.
func (s *Server) work(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var parts sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(ctx); err != nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	if s.API {
		start("serve HTTP", func(ctx context.Context) error { return s.serve(ctx, listener) })
		start("post notices", s.notices.Run)
		start("keep consoles", s.keepConsoles)
		start("watch the power of nodes", s.watchPower)
		start("remove the machines of deleted headnodes", s.payDebts)
	}
	if s.Fabric {
		start("work the switches", s.workFabric)
	}
	start("get ready", func(ctx context.Context) error { return s.announce(ctx, listener) })
	parts.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// keepConsoles waits for the drivers: a console whose driver is not up yet would be tried again later.
func (s *Server) keepConsoles(ctx context.Context) error {
	if err := s.drivers.Ready(ctx); err != nil {
		return ended(ctx, err)
	}
	return s.consoles.Run(ctx)
}

// workFabric waits for the drivers: a switch whose driver is not up yet would look unreachable.
func (s *Server) workFabric(ctx context.Context) error {
	if err := s.drivers.Ready(ctx); err != nil {
		return ended(ctx, err)
	}
	return s.fabric.Run(ctx)
}

// watchPower waits for the drivers, too. A dry run asks no controller.
func (s *Server) watchPower(ctx context.Context) error {
	if s.Config.Devel.DryRun {
		return nil
	}
	if err := s.drivers.Ready(ctx); err != nil {
		return ended(ctx, err)
	}
	return s.powers.Run(ctx)
}

// payDebts waits for the drivers: a machine whose driver is not up yet would be tried again later. A dry run asks no host.
func (s *Server) payDebts(ctx context.Context) error {
	if s.Config.Devel.DryRun {
		return nil
	}
	if err := s.drivers.Ready(ctx); err != nil {
		return ended(ctx, err)
	}
	return s.debts.Run(ctx)
}

func (s *Server) announce(ctx context.Context, listener net.Listener) error {
	if err := s.drivers.Ready(ctx); err != nil {
		return ended(ctx, err)
	}
	if err := s.checkHeadnodes(ctx); err != nil {
		return err
	}
	address := ""
	if s.API {
		address = listener.Addr().String()
	}
	s.Log.Info("ready", "address", address, "fabric", s.Fabric)
	if s.OnReady != nil {
		s.OnReady(address)
	}
	return nil
}

// ended is nil if the error only says that the server is being stopped.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
