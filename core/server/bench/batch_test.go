package bench_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	// connects is how many are pending, one for each node.
	connects = 1000
	// delay is what a call of a mock switch takes.
	delay = 50 * time.Millisecond
	// poll is how often it is looked whether all actions have ended; looking more often takes the processor from those watched.
	poll = 5 * time.Millisecond
	// patience is how long they may take at all.
	patience = time.Minute
)

// batch compares the time in which 1000 connects come about with that of the visits they need: one change and one read
// of each switch, all switches at once.
func batch(b *testing.B, t *table, kind string) {
	s := newSite(b, kind, connects)
	mocks := host(b, map[string]map[string]string{"switch-mock": {"delay": delay.String(), "state_dir": b.TempDir()}})
	m := inTurns(b,
		func(b *testing.B) float64 {
			s.recordConnects(b)
			s.analyse(b, kind)
			return milliseconds(s.carryOut(b, mocks))
		},
		func(b *testing.B) float64 { return each(1, func() { visitAll(b, mocks) }) })
	t.add(row{fmt.Sprintf("%d connects, %d switches, ", connects, switches) + kind, figure{m[0], "ms"}, figure{m[1], "ms"}, ratioAtMost(1.5)})
}

// recordConnects undoes what earlier turns left, and wants each node's second NIC on a network.
func (s *site) recordConnects(b *testing.B) {
	b.Helper()
	s.exec(b, `DELETE FROM actions; DELETE FROM port_vlans; DELETE FROM attachments;
		UPDATE ports SET wanted_gen = 0, seen_gen = 0; UPDATE lanes SET unsaved_since = NULL, until = 0;
		UPDATE nodes SET project_id = 1`)
	must(b, s.InTx(b.Context(), func(ctx context.Context, q store.Queries) error {
		for i := range connects {
			if err := q.CreateAction(ctx, connect(i), firstNIC(i)+1); err != nil {
				return err
			}
		}
		return nil
	}))
}

// connect is the wish to put a node's second NIC on a network.
func connect(node int) core.Action {
	network := node % networks
	return core.Action{
		UUID: fmt.Sprint("action-", node), NICID: firstNIC(node) + 1, NodeID: int64(node + 1), Node: nodeLabel(node), NIC: "eth1",
		Type: core.ModifyPort, NetworkID: int64(network + 1), NewNetwork: networkLabel(network), Channel: core.NativeChannel,
	}
}

// carryOut runs a fabric until no action is pending, and tells how long that took.
func (s *site) carryOut(b *testing.B, mocks *drivers.Manager) time.Duration {
	b.Helper()
	c := config.Default().Fabric
	f := fabric.New(fabric.Config{
		Store: s.Store, Drivers: mocks, Log: hclog.NewNullLogger(), Poll: c.Poll, Retries: c.Retries,
		RetryDelay: c.RetryDelay, RetryMaxDelay: c.RetryMaxDelay, SaveDelay: c.SaveDelay, VisitTimeout: c.VisitTimeout, Lease: c.Lease,
	})
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	began := time.Now()
	running.Go(func() {
		if err := f.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	s.await(b)
	took := time.Since(began)
	cancel()
	running.Wait()
	s.check(b)
	return took
}

// await waits until no action is pending.
func (s *site) await(b *testing.B) {
	b.Helper()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	limit := time.After(patience)
	for {
		pending := s.count(b, core.Pending)
		if pending == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			b.Fatalf("%d actions are still pending after %v", pending, patience)
		}
	}
}

// check sees to it that no action failed.
func (s *site) check(b *testing.B) {
	b.Helper()
	if done := s.count(b, core.Done); done != connects {
		b.Fatalf("%d of %d actions are done", done, connects)
	}
}

func (s *site) count(b *testing.B, status core.ActionStatus) int64 {
	b.Helper()
	return get(s.db.NewSelect().Table("actions").Where("status = ?", status).Count(b.Context()))(b)
}

// visitAll visits every switch once, all at the same time.
func visitAll(b *testing.B, mocks *drivers.Manager) {
	b.Helper()
	var visits sync.WaitGroup
	for i := range switches {
		visits.Go(func() {
			if err := visit(b.Context(), mocks, i); err != nil {
				b.Error(err)
			}
		})
	}
	visits.Wait()
}

// visit brings the ports of a switch to what the connects want, and reads them.
func visit(ctx context.Context, mocks *drivers.Manager, i int) error {
	driver, err := mocks.Switch(servertest.SwitchMock)
	if err != nil {
		return err
	}
	session, err := driver.Open(ctx, target(i))
	if err != nil {
		return err
	}
	var names []string
	var want []netswitch.PortState
	for node := i; node < connects; node += switches {
		p := port(0, node, 1)
		names = append(names, p.DeviceName)
		want = append(want, netswitch.PortState{Port: p.DeviceName, Native: 100 + node%networks, Up: true})
	}
	if _, err := session.Apply(ctx, want); err != nil {
		return err
	}
	_, err = session.Read(ctx, names)
	return err
}
