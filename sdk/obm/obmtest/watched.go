package obmtest

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// watched is a driver whose words a witness hears.
type watched struct {
	obm.Driver
	w *conformance.Witness
}

func (d watched) Info(ctx context.Context) (sdk.Info, error) {
	info, err := d.Driver.Info(ctx)
	return info, d.w.HearError(err)
}

func (d watched) ValidateTarget(ctx context.Context, target sdk.Target) error {
	return d.w.HearError(d.Driver.ValidateTarget(ctx, target))
}

func (d watched) Open(ctx context.Context, target sdk.Target) (obm.Session, error) {
	s, err := d.Driver.Open(ctx, target)
	if err != nil {
		return nil, d.w.HearError(err)
	}
	session := watchedSession{Session: s, w: d.w}
	if c, ok := s.(obm.Consoler); ok {
		return watchedConsoler{watchedSession: session, consoler: c}, nil
	}
	return session, nil
}

type watchedSession struct {
	obm.Session
	w *conformance.Witness
}

func (s watchedSession) PowerOn(ctx context.Context) error {
	return s.w.HearError(s.Session.PowerOn(ctx))
}

func (s watchedSession) PowerOff(ctx context.Context) error {
	return s.w.HearError(s.Session.PowerOff(ctx))
}

func (s watchedSession) PowerCycle(ctx context.Context, force bool) error {
	return s.w.HearError(s.Session.PowerCycle(ctx, force))
}

func (s watchedSession) PowerStatus(ctx context.Context) (obm.Power, error) {
	power, err := s.Session.PowerStatus(ctx)
	return power, s.w.HearError(err)
}

func (s watchedSession) SetBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return s.w.HearError(s.Session.SetBootDevice(ctx, dev))
}

func (s watchedSession) Close() error { return s.w.HearError(s.Session.Close()) }

type watchedConsoler struct {
	watchedSession
	consoler obm.Consoler
}

func (s watchedConsoler) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	c, err := s.consoler.Console(ctx)
	return c, s.w.HearError(err)
}
