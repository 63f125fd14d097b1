package fabric

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// askPoll is how often an asker looks for an answer that another server gives.
const askPoll = 200 * time.Millisecond

// Question is what somebody wants to know of a switch now. Even an empty one makes the switch be reached and logged into.
type Question struct {
	// Ports are to be read: what each carries in the running configuration.
	Ports []string
	// Want is to be planned: what would be sent to bring the ports to these states.
	Want []netswitch.PortState
	// ListPorts asks which ports the switch has.
	ListPorts bool
}

// Answer is what a switch said to a Question.
type Answer struct {
	// Running are the states of Question.Ports, in the same order; nil for a port that the switch does not have.
	Running []*netswitch.PortState
	// Lines are the plan.
	Lines []string
	// Ports are those of the switch, if Listed; not every driver can list them.
	Ports  []string
	Listed bool
}

// told is an Answer, or the failure in its place, as it lies in the database.
type told struct {
	Answer
	Failure *sdk.Error
}

// Ask has a question answered by whichever server holds the switch's lane, so that no switch is ever spoken to by two at
// a time. It works without Run, as long as some server runs. It waits for as long as a visit may take; its errors are
// a driver's *sdk.Error, and Deadline.
func (f *Fabric) Ask(ctx context.Context, sw int64, q Question) (Answer, error) {
	what, err := json.Marshal(q)
	if err != nil {
		return Answer{}, fmt.Errorf("ask switch: %w", err)
	}
	if len(q.Want) > 0 {
		if !f.admit(sw) {
			return Answer{}, core.Errorf(core.Unavailable, "too many plans are being made for this switch; try again")
		}
		defer f.dismiss(sw)
	}
	waiting, cancel := context.WithTimeout(ctx, f.VisitTimeout)
	defer cancel()
	asked, err := f.Store.Ask(waiting, sw, string(what), f.VisitTimeout.Milliseconds())
	if err != nil {
		return Answer{}, f.late(ctx, err)
	}
	defer f.forget(ctx, asked.ID)
	answer, err := f.wait(waiting, asked.ID)
	return answer, f.late(ctx, err)
}

// plansAtOnce is how many plans for one switch may wait at this server. Every user may ask for plans, as many as they like,
// and each that waits looks into the database now and then.
const plansAtOnce = 64

// admit reports whether one more plan for a switch may be asked for.
func (f *Fabric) admit(sw int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plans[sw] >= plansAtOnce {
		return false
	}
	f.plans[sw]++
	return true
}

func (f *Fabric) dismiss(sw int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plans[sw]--; f.plans[sw] == 0 {
		delete(f.plans, sw)
	}
}

// wait waits for the answer to a question: it is woken if this server gives it, and looks for it in case another does.
func (f *Fabric) wait(ctx context.Context, id int64) (Answer, error) {
	answered := f.expect(id)
	defer f.unexpect(id)
	f.Wake()
	look := time.NewTicker(askPoll)
	defer look.Stop()
	for {
		asked, err := f.Store.Question(ctx, id)
		if err != nil {
			return Answer{}, err
		}
		if asked.Answered {
			return read(asked.Answer)
		}
		select {
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		case <-f.stopped:
			return Answer{}, core.Errorf(core.Unavailable, "the server is being stopped; try again")
		case <-answered:
		case <-look.C:
		}
	}
}

func read(text string) (Answer, error) {
	var t told
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return Answer{}, fmt.Errorf("read the answer to a question: %w", err)
	}
	if t.Failure != nil {
		return Answer{}, t.Failure
	}
	return t.Answer, nil
}

// late tells a question that nobody answered in time from one whose asker has gone.
func (f *Fabric) late(asker context.Context, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(asker.Err(), context.Canceled) {
		return err
	}
	return &core.Error{Kind: core.Deadline, Device: "switch", Text: "the switch did not answer in time; it does not answer at all, " +
		"is busy with a long visit, or no server that configures switches runs; show_switch tells its last error"}
}

// forget removes a question that nobody waits for any more.
func (f *Fabric) forget(ctx context.Context, id int64) {
	ctx, cancel := f.brief(context.WithoutCancel(ctx))
	defer cancel()
	if err := f.Store.ForgetQuestion(ctx, id); err != nil {
		f.Log.Warn("forget question", "err", err)
	}
}

func (f *Fabric) expect(id int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.askers[id] = make(chan struct{})
	return f.askers[id]
}

func (f *Fabric) unexpect(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.askers, id)
}

// answered wakes the asker of a question, if it is at this server.
func (f *Fabric) answered(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if asker, ok := f.askers[id]; ok {
		close(asker)
		delete(f.askers, id)
	}
}
