package service

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	// A debt is tried again after debtDelay, doubled each time up to debtMaxDelay: a host may be down for days.
	debtDelay    = time.Second
	debtMaxDelay = 5 * time.Minute
	// debtPoll is how often it is looked for debts that are due.
	debtPoll = time.Second
	// deleteDeadline is how long who deletes a headnode waits for its host; after that it is tried without him.
	deleteDeadline = time.Minute
	// payLease is how long others wait for who tries; a server that was killed meanwhile is not waited for at its next start.
	payLease = hostDeadline + time.Minute
	// debtBatch is how many debts are looked at together; those of one host wait for each other anyway.
	debtBatch = 1000
	// longestReason is how many bytes of an error are kept; a driver may have more to say.
	longestReason = 1000
)

// DebtsConfig is what a Debts stands on; all of it is required.
type DebtsConfig struct {
	Store     *store.Store
	Drivers   Drivers
	Headnodes HeadnodeConfig
	Log       hclog.Logger
}

// Debts removes the machines of deleted headnodes from their hosts, for as long as it takes. Several servers share the work.
type Debts struct {
	DebtsConfig
	paying sync.WaitGroup

	mu sync.Mutex // guards busy
	// busy are the hosts that are being asked: one that hangs keeps only its own machines waiting.
	busy map[string]bool
}

// NewDebts makes the payer of debts. It pays by itself only in Run.
func NewDebts(c DebtsConfig) *Debts { return &Debts{DebtsConfig: c, busy: map[string]bool{}} }

// Run pays debts until ctx ends; it begins with all of them, also those that others try now, for a machine may be removed
// twice. It returns when nothing of it runs any more.
func (d *Debts) Run(ctx context.Context) error {
	defer d.paying.Wait()
	d.complain(ctx, "make debts of headnodes due", d.Store.HurryHeadnodeDebts(ctx))
	tick := time.NewTicker(debtPoll)
	defer tick.Stop()
	for {
		d.complain(ctx, "look for debts of headnodes", d.payDue(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// payDue begins to pay what is due, each host in its own time.
func (d *Debts) payDue(ctx context.Context) error {
	due, err := d.Store.DueHeadnodeDebts(ctx, debtBatch)
	if err != nil {
		return err
	}
	byHost := map[string][]core.HeadnodeDebt{}
	for _, debt := range due {
		byHost[debt.Host] = append(byHost[debt.Host], debt)
	}
	for host, debts := range byHost {
		if d.take(host) {
			d.paying.Go(func() { defer d.leave(host); d.payAll(ctx, debts) })
		}
	}
	return nil
}

func (d *Debts) take(host string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	free := !d.busy[host]
	d.busy[host] = true
	return free
}

func (d *Debts) leave(host string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, host)
}

// payAll pays the debts of one host that nobody else is about to pay.
func (d *Debts) payAll(ctx context.Context, debts []core.HeadnodeDebt) {
	for _, debt := range debts {
		mine, err := d.Store.ClaimHeadnodeDebt(ctx, debt, payLease.Milliseconds())
		d.complain(ctx, "claim a debt of a headnode", err)
		if mine {
			debt.Tries++
			d.complain(ctx, "settle a debt of a headnode", d.pay(ctx, debt))
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// payNow pays the debt for a machine, if there is one, while somebody waits. What fails is tried again later.
func (d *Debts) payNow(ctx context.Context, machine string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteDeadline)
	defer cancel()
	debt, err := d.Store.HeadnodeDebt(ctx, machine)
	if err == nil {
		err = d.pay(ctx, debt)
	}
	d.complain(ctx, "settle a debt of a headnode", err)
}

// pay removes the machine, and the debt once that is confirmed. Its error is the database's.
func (d *Debts) pay(ctx context.Context, debt core.HeadnodeDebt) error {
	// What begins before this would make the machine once more, and ends after this.
	starting, err := d.Store.HeadnodeStarting(ctx, debt.Machine)
	if err != nil {
		return err
	}
	failure := d.remove(ctx, debt)
	if failure == nil && starting {
		failure = core.Errorf(core.Blocked, "the headnode was being started when it was deleted; that has to end first")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteDeadline)
	defer cancel()
	if failure == nil {
		return d.Store.DeleteHeadnodeDebt(ctx, debt.Machine)
	}
	delay := min(debtDelay<<min(max(debt.Tries-1, 0), 16), debtMaxDelay)
	d.Log.Debug("machine of a deleted headnode is not known to be gone", "machine", debt.Machine, "host", debt.Host, "err", failure)
	return d.Store.FailHeadnodeDebt(ctx, debt.Machine, reason(failure), delay.Milliseconds())
}

// remove removes the machine from each host where it may be.
func (d *Debts) remove(ctx context.Context, debt core.HeadnodeDebt) error {
	hosts, err := d.Headnodes.mayHave(debt.Host)
	for _, h := range hosts {
		err = errors.Join(err, d.Headnodes.on(ctx, d.Drivers, h, func(ctx context.Context, s headnode.Session) error { return s.Delete(ctx, debt.Machine) }))
	}
	return driverError("headnode", err)
}

// reason is an error as every database takes it.
func reason(err error) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", " "), "\uFFFD")
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason], "") + "…"
	}
	return text
}

// complain logs an error of the database's, unless it is only that the server is being stopped, or somebody has forgiven
// the debt meanwhile.
func (d *Debts) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil && core.KindOf(err) != core.NotFound {
		d.Log.Warn(what, "err", err)
	}
}
