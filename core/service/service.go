// Package service holds the use cases: one method per call of the API, one file per noun. Every rule is applied here,
// in the order clients rely on, inside one transaction; no method touches a device while it holds one. Who is calling
// is in the context. It knows neither HTTP nor the wires of drivers.
package service

import (
	"context"
	"iter"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/power"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// Drivers hands out live drivers by type URL.
type Drivers interface {
	Switch(typeURL string) (netswitch.Driver, error)
	OBM(typeURL string) (obm.Driver, error)
	Headnode(typeURL string) (headnode.Driver, error)
	Types(kind string) []sdk.Type
	List() []drivers.Status
	Ready(ctx context.Context) error
}

// Pool is the VLANs the server may give to networks, ascending.
type Pool interface {
	All() iter.Seq[int]
}

// Config is what a Service stands on; all of it is required but where it says otherwise.
type Config struct {
	Store   *store.Store
	Drivers Drivers
	// Wake tells the fabric that there is work.
	Wake func()
	// Ask asks a switch something, through whichever server holds its lane.
	Ask func(ctx context.Context, sw int64, q fabric.Question) (fabric.Answer, error)
	// Notify tells the maintenance poster that there is a notice.
	Notify   func()
	Consoles *console.Hub
	Screens  *console.Screens
	// Powers keeps an eye on the power of all nodes.
	Powers *power.Sweeper
	Pool   Pool
	Log    hclog.Logger
	// Headnodes says where headnodes live.
	Headnodes HeadnodeConfig
	// Debts removes the machines of deleted headnodes.
	Debts *Debts
	// Maintenance is where released nodes go; empty if they just become free.
	Maintenance Maintenance
	// Accounts says that users are kept in the database; else there are no user calls.
	Accounts bool
	// SettleWait is how long reserving a node waits for its switches to confirm that its ports are closed.
	SettleWait time.Duration
	// Extensions are the names shown by list_active_extensions.
	Extensions []string
	// DryRun skips every call to an out-of-band controller or a host of headnodes.
	DryRun bool
}

// HeadnodeConfig names the driver and host of headnodes and the images they may be made from.
type HeadnodeConfig struct {
	// Type is the type URL of the driver, empty if there are no headnodes.
	Type string
	// Settings is the JSON object of settings of the one host there is, and URI what it is known by, empty if it has none.
	Settings, URI string
	// Hosts are in place of that host, if there are several.
	Hosts  []HeadnodeHost
	Images []string
	// Carries reports the VLANs outside the pool that the hosts' trunk carries too; nil if there are none.
	Carries func(vlan int) bool
	// MaxPerProject is how many headnodes a project may have, MaxHNICs how many NICs a headnode; 0 is no limit.
	MaxPerProject, MaxHNICs int
}

// Trunk reports that the hosts' trunk carries a VLAN outside the pool.
func (h HeadnodeConfig) Trunk(vlan int) bool { return h.Carries != nil && h.Carries(vlan) }

// Maintenance is the project that released nodes are moved to, and the URL that is told so.
type Maintenance struct {
	Project string
	URL     string
	// Shutdown turns released nodes off, if their controllers can be reached.
	Shutdown bool
}

// Service is the use cases.
type Service struct {
	Config
	hosts *hosts
	calls *calls
}

// New makes the use cases.
func New(c Config) *Service {
	return &Service{Config: c, hosts: newHosts(c.Drivers, c.Headnodes), calls: newCalls()}
}

// Ready reports why the server cannot serve now, nil if it can.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.Store.Ping(ctx); err != nil {
		return err
	}
	return s.Drivers.Ready(ctx)
}
