package fabric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
		err = l.locked(ctx, l.reached)
		l.held.Failures = 0
	}
	return err
}

// reached ends the failures of a switch. It may have been rebooted meanwhile, so all of it is checked.
func (l *lane) reached(ctx context.Context, q store.Queries) error {
	return errors.Join(q.LaneReached(ctx, l.sw.ID), q.WantCheck(ctx, l.sw.ID))
}

// settle writes outcomes in one transaction, and one by one if they do not go together.
func (l *lane) settle(ctx context.Context, outcomes []store.Outcome) error {
	late := slices.ContainsFunc(outcomes, func(o store.Outcome) bool { return o.Seen && l.inVain(o.Work) })
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		if late {
			if err := q.MarkUnsaved(ctx, l.sw.ID); err != nil {
				return err
			}
		}
		return q.Settle(ctx, outcomes)
	})
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
		why := trouble{reason: e.fault.Error(), advice: advice(e.fault.Code), final: !worthRepeating(e.fault)}
		return l.again(e.Work, why, e.Attempts, l.pause(e.Attempts, e.fault))
	}
	return l.again(e.Work, mismatch(e.want, e.seen), e.Attempts, l.backoff(e.Attempts))
}

// worthRepeating reports whether a change that a driver refused may be tried again. A rejected password may not: the
// switch would lock the account.
func worthRepeating(fault *sdk.Error) bool { return fault.Retryable && fault.Code != sdk.Denied }

// pause is how long to wait after a number of failures. Nothing but a person mends a rejected password.
func (l *lane) pause(failures int, failed error) time.Duration {
	if sdk.CodeOf(failed) == sdk.Denied {
		return l.RetryMaxDelay
	}
	return l.backoff(failures)
}

// trouble is why a port is not as it should be, for people: what happened and what to do about it. Final says that
// trying again is of no use.
type trouble struct {
	reason, advice string
	final          bool
}

func mismatch(want netswitch.PortState, seen *netswitch.PortState) trouble {
	if seen == nil {
		return trouble{
			reason: fmt.Sprintf("port %s: the switch accepted the change, but its running configuration does not show the port", want.Port),
			advice: "look at the port on the switch",
		}
	}
	return trouble{
		reason: fmt.Sprintf("port %s: the switch accepted the change, but its running configuration shows %s instead of %s",
			want.Port, describe(*seen), describe(want)),
		advice: "look at the port on the switch, and for who else configures it",
	}
}

// again puts a port off, or ends its action if there is no hope. A port without an action is tried for ever: it must
// come to what the database says.
func (l *lane) again(w store.Work, why trouble, failures int, pause time.Duration) store.Outcome {
	if w.Action != nil && (why.final || failures+1 >= l.Retries) {
		return store.Outcome{Work: w, Failure: why.reason + "; " + why.advice}
	}
	return store.Outcome{Work: w, Retry: why.reason, RetryAt: l.after(pause)}
}

// endFailed puts the whole switch off. After as many failures in a row as a change is tried, new actions fail at once.
func (l *lane) endFailed(ctx context.Context, errands []errand, failed error) error {
	why := explain(failed)
	outcomes := make([]store.Outcome, 0, len(errands))
	for _, e := range errands {
		failures := max(e.Attempts, l.held.Failures)
		outcomes = append(outcomes, l.again(e.Work, why, failures, l.pause(failures, failed)))
	}
	l.report(outcomes)
	l.unreached = true
	return l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.Settle(ctx, outcomes); err != nil {
			return err
		}
		return q.LaneFailed(ctx, l.sw.ID, l.after(l.pause(l.held.Failures, failed)), why.reason)
	})
}

// explain is a visit's failure for people. Only a driver can say that repeating the visit is of no use.
func explain(err error) trouble {
	if errors.Is(err, context.DeadlineExceeded) {
		return trouble{reason: "the switch did not answer in time", advice: advice(sdk.Timeout)}
	}
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		return trouble{reason: err.Error(), advice: advice(sdk.Internal)}
	}
	why := trouble{reason: e.Error(), advice: advice(e.Code)}
	switch e.Code {
	case sdk.Denied:
		why.final = true
	case sdk.Invalid, sdk.Refused, sdk.Unsupported:
		why.final = !e.Retryable
	}
	return why
}

// advice is what to do about a failure of a kind. The driver's words, which go before it, tell what stands against it.
func advice(code sdk.Code) string {
	switch code {
	case sdk.Denied:
		return "correct it on the switch, or where the switch is registered"
	case sdk.Invalid, sdk.Unsupported:
		return "choose something else that the switch can do"
	case sdk.NotFound:
		return "look at the switch's ports, and correct the name"
	case sdk.Refused:
		return "mend that on the switch, or use another port"
	case sdk.Busy:
		return "look at what else is going on at the switch, and try again"
	}
	return "look at the switch, and try again"
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
