package fabric

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// end writes what became of a visit's ports. failed is why the whole visit failed, nil if it did not.
func (l *lane) end(ctx context.Context, errands []errand, failed error) error {
	if failed != nil {
		l.log.Warn("visit failed", "err", failed)
		return l.endFailed(ctx, errands, failed)
	}
	outcomes := make([]store.Outcome, 0, len(errands))
	for _, e := range errands {
		outcomes = append(outcomes, l.outcome(e))
	}
	l.report(outcomes)
	err := l.settle(ctx, outcomes)
	if err == nil && l.held.Failures > 0 {
		err = l.locked(ctx, func(ctx context.Context, q store.Queries) error { return q.LaneReached(ctx, l.sw.ID) })
		l.held.Failures = 0
	}
	return err
}

// settle writes outcomes in one transaction, and one by one if they do not go together.
func (l *lane) settle(ctx context.Context, outcomes []store.Outcome) error {
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error { return q.Settle(ctx, outcomes) })
	kind := core.KindOf(err)
	together := err == nil || errors.Is(err, store.ErrLaneLost) || kind == core.Unavailable || ctx.Err() != nil
	if together || len(outcomes) == 1 {
		return err
	}
	var all error
	for i := range outcomes {
		all = errors.Join(all, l.settle(ctx, outcomes[i:i+1]))
	}
	return all
}

// outcome judges a port by what the running configuration shows, whatever the switch said.
func (l *lane) outcome(e errand) store.Outcome {
	if e.seen != nil && e.seen.Equal(e.want) {
		return store.Outcome{Work: e.Work, Seen: true, VLANs: e.want.VLANs()}
	}
	if e.fault != nil {
		return l.again(e.Work, e.fault.Error(), e.fault.Retryable, e.Attempts)
	}
	return l.again(e.Work, mismatch(e.want, e.seen), true, e.Attempts)
}

func mismatch(want netswitch.PortState, seen *netswitch.PortState) string {
	if seen == nil {
		return fmt.Sprintf("port %s: the switch accepted the change, but its running configuration does not show the port", want.Port)
	}
	return fmt.Sprintf("port %s: the switch accepted the change, but its running configuration shows %s instead of %s",
		want.Port, describe(*seen), describe(want))
}

// again puts a port off, or ends its action if there is no hope. A port without an action is tried for ever: it must
// come to what the database says.
func (l *lane) again(w store.Work, reason string, retryable bool, failures int) store.Outcome {
	if w.Action != nil && (!retryable || failures+1 >= l.Retries) {
		return store.Outcome{Work: w, Failure: reason}
	}
	return store.Outcome{Work: w, Retry: reason, RetryAt: l.after(l.backoff(failures))}
}

// endFailed puts the whole switch off. After as many failures in a row as a change is tried, new actions fail at once.
func (l *lane) endFailed(ctx context.Context, errands []errand, failed error) error {
	reason, retryable := explain(failed)
	delay := l.backoff(l.held.Failures)
	outcomes := make([]store.Outcome, 0, len(errands))
	for _, e := range errands {
		outcomes = append(outcomes, l.again(e.Work, reason, retryable, max(e.Attempts, l.held.Failures)))
	}
	l.report(outcomes)
	l.unreached = true
	return l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.Settle(ctx, outcomes); err != nil {
			return err
		}
		return q.LaneFailed(ctx, l.sw.ID, l.after(delay), reason)
	})
}

// explain is a visit's failure for people, and whether the visit is worth repeating. Only a driver can say that it is not.
func explain(err error) (reason string, retryable bool) {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the switch did not answer in time", true
	}
	if e, ok := errors.AsType[*sdk.Error](err); ok {
		final := !e.Retryable && (e.Code == sdk.Invalid || e.Code == sdk.Refused || e.Code == sdk.Unsupported || e.Code == sdk.Denied)
		return e.Error(), !final
	}
	return err.Error(), true
}

// report logs what an operator would tell another.
func (l *lane) report(outcomes []store.Outcome) {
	for _, o := range outcomes {
		log := l.log.With("port", o.Port.Label)
		if o.Action != nil {
			log = log.With("action", o.Action.UUID, "node", o.Action.Node, "nic", o.Action.NIC)
		}
		switch {
		case o.Seen:
			log.Info("port settled", "vlans", o.VLANs)
		case o.Failure != "":
			log.Error("action failed", "err", o.Failure)
		default:
			log.Warn("port put off", "err", o.Retry)
		}
	}
}

// describe says what a port carries, for people.
func describe(p netswitch.PortState) string {
	if len(p.VLANs()) == 0 && !p.Up {
		return "closed"
	}
	tagged := make([]string, 0, len(p.Tagged))
	for _, v := range p.Tagged {
		tagged = append(tagged, strconv.Itoa(v))
	}
	state := map[bool]string{true: "up", false: "shut down"}[p.Up]
	return fmt.Sprintf("%s, native VLAN %d, tagged VLANs [%s]", state, p.Native, strings.Join(tagged, " "))
}
