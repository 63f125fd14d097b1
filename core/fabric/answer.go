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

// answer answers the questions to the switch. Somebody is waiting, so that is done before any visit, and also while the
// switch is left alone after a failure; and a question's failure is the asker's to know, and not a visit's.
func (l *lane) answer(ctx context.Context) error {
	waiting, err := l.Store.Questions(ctx, l.sw.ID)
	if err != nil {
		return err
	}
	for _, q := range waiting {
		answer, failed := l.consult(ctx, q)
		// What was being asked when the lane is lost, or the server stopped, is another server's to find out.
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.tell(ctx, q, told{answer, fault(failed)}); err != nil {
			return err
		}
	}
	return nil
}

// consult asks the switch, for as long as somebody waits.
func (l *lane) consult(ctx context.Context, asked core.Question) (Answer, error) {
	var q Question
	if err := json.Unmarshal([]byte(asked.What), &q); err != nil {
		return Answer{}, fmt.Errorf("read question: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(asked.LeftMS)*time.Millisecond)
	defer cancel()
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
		e.Text, _ = explain(err)
	}
	return e
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
