package fabric

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// answersAtOnce is how many questions go before a visit: everybody may ask, and as often as they like, and the ports of all
// others wait meanwhile.
const answersAtOnce = 8

// answer answers some of the questions to the switch, and reports whether others wait. Somebody is waiting, so that is done
// before any visit, and also while the switch is left alone after a failure; and a question's failure is the asker's to
// know, and not a visit's.
func (l *lane) answer(ctx context.Context) (more bool, err error) {
	waiting, err := l.Store.Questions(ctx, l.sw.ID)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	// Who asks after the settings were changed means the switch that the new ones lead to.
	if err := l.current(ctx); err != nil {
		return false, err
	}
	for i, q := range waiting[:min(len(waiting), answersAtOnce)] {
		answer, dead, failed := l.consult(ctx, q)
		// What was being asked when the lane is lost, or the server stopped, is another server's to find out.
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if dead {
			return false, l.tellAll(ctx, waiting[i:], failed)
		}
		if err := l.tell(ctx, q, told{answer, fault(failed)}); err != nil {
			return false, err
		}
	}
	return len(waiting) > answersAtOnce, nil
}

// consult asks the switch, for as long as somebody waits. It reports whether the switch is dead for all who ask now: else
// each of them would have it tried, and logged into, once more.
func (l *lane) consult(ctx context.Context, asked core.Question) (a Answer, dead bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(asked.LeftMS)*time.Millisecond)
	defer cancel()
	a, err = l.ask(ctx, asked)
	return a, err != nil && ctx.Err() == nil && unreachable(err), err
}

// unreachable reports whether a failure is about the way to the switch, and not about what it was asked.
func unreachable(err error) bool {
	switch sdk.CodeOf(err) {
	case sdk.Unavailable, sdk.Timeout, sdk.Busy, sdk.Denied:
		return true
	default:
		return false
	}
}

func (l *lane) ask(ctx context.Context, asked core.Question) (Answer, error) {
	var q Question
	if err := json.Unmarshal([]byte(asked.What), &q); err != nil {
		return Answer{}, fmt.Errorf("read question: %w", err)
	}
	var a Answer
	err := l.session(ctx, func(ctx context.Context, s netswitch.Session) error {
		var err error
		a, err = consult(ctx, s, q)
		return err
	})
	return a, err
}

func consult(ctx context.Context, s netswitch.Session, q Question) (a Answer, err error) {
	if a.Running, err = readings(ctx, s, q.Ports); err != nil {
		return Answer{}, err
	}
	if len(q.Want) > 0 {
		if a.Lines, err = s.Plan(ctx, q.Want); err != nil {
			return Answer{}, err
		}
	}
	if q.ListPorts {
		a.Ports, a.Listed, err = list(ctx, s)
	}
	return a, err
}

// list asks for the ports of a switch; listed is false if its driver cannot.
func list(ctx context.Context, s netswitch.Session) (ports []string, listed bool, err error) {
	lister, ok := s.(netswitch.PortLister)
	if !ok {
		return nil, false, nil
	}
	ports, err = lister.ListPorts(ctx)
	if errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		return nil, false, nil
	}
	return ports, err == nil, err
}

// fault is an error as it can be told to another server.
func fault(err error) *sdk.Error {
	if e, ok := errors.AsType[*drivers.UnknownTypeError](err); ok {
		return &sdk.Error{Code: sdk.Unavailable, Text: e.Error(), Retryable: true}
	}
	e := sdk.AsError(err)
	if e != nil && errors.Is(err, context.DeadlineExceeded) {
		why := explain(err)
		e.Text = why.reason + "; " + why.advice
	}
	return e
}

// tellAll tells all who wait why the switch cannot be asked.
func (l *lane) tellAll(ctx context.Context, waiting []core.Question, failed error) error {
	for _, q := range waiting {
		if err := l.tell(ctx, q, told{Failure: fault(failed)}); err != nil {
			return err
		}
	}
	return nil
}

// tell answers a question.
func (l *lane) tell(ctx context.Context, q core.Question, t told) error {
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("answer a question: %w", err)
	}
	if err := l.Store.AnswerQuestion(ctx, q.ID, string(text)); err != nil {
		return err
	}
	l.answered(q.ID)
	return nil
}
