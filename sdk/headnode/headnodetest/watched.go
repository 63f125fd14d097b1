package headnodetest

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

// watched is a driver whose words a witness hears.
type watched struct {
	headnode.Driver
	w *conformance.Witness
}

func (d watched) Info(ctx context.Context) (sdk.Info, error) {
	info, err := d.Driver.Info(ctx)
	return info, d.w.HearError(err)
}

func (d watched) ValidateTarget(ctx context.Context, target sdk.Target) error {
	return d.w.HearError(d.Driver.ValidateTarget(ctx, target))
}

func (d watched) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	s, err := d.Driver.Open(ctx, target)
	if err != nil {
		return nil, d.w.HearError(err)
	}
	return watchedSession{Session: s, w: d.w}, nil
}

type watchedSession struct {
	headnode.Session
	w *conformance.Witness
}

func (s watchedSession) Images(ctx context.Context) ([]headnode.Image, error) {
	images, err := s.Session.Images(ctx)
	return images, s.w.HearError(err)
}

func (s watchedSession) Create(ctx context.Context, spec headnode.Spec) error {
	return s.w.HearError(s.Session.Create(ctx, spec))
}

func (s watchedSession) Start(ctx context.Context, id string) error {
	return s.w.HearError(s.Session.Start(ctx, id))
}

func (s watchedSession) Stop(ctx context.Context, id string) error {
	return s.w.HearError(s.Session.Stop(ctx, id))
}

func (s watchedSession) Delete(ctx context.Context, id string) error {
	return s.w.HearError(s.Session.Delete(ctx, id))
}

func (s watchedSession) State(ctx context.Context, id string) (headnode.State, error) {
	state, err := s.Session.State(ctx, id)
	return state, s.w.HearError(err)
}

func (s watchedSession) Close() error { return s.w.HearError(s.Session.Close()) }
