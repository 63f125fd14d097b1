package netswitchtest

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// watched is a driver whose words a witness hears.
type watched struct {
	netswitch.Driver
	w *conformance.Witness
}

func (d watched) Info(ctx context.Context) (sdk.Info, error) {
	info, err := d.Driver.Info(ctx)
	return info, d.w.HearError(err)
}

func (d watched) ValidateTarget(ctx context.Context, target sdk.Target) error {
	return d.w.HearError(d.Driver.ValidateTarget(ctx, target))
}

func (d watched) ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error) {
	name, err := d.Driver.ValidatePort(ctx, target, port)
	return name, d.w.HearError(err)
}

func (d watched) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	s, err := d.Driver.Open(ctx, target)
	if err != nil {
		return nil, d.w.HearError(err)
	}
	return watchedSession{Session: s, w: d.w}, nil
}

type watchedSession struct {
	netswitch.Session
	w *conformance.Witness
}

func (s watchedSession) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	states, err := s.Session.Read(ctx, ports)
	return states, s.w.HearError(err)
}

func (s watchedSession) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	lines, err := s.Session.Plan(ctx, want)
	s.w.Hear(lines...)
	return lines, s.w.HearError(err)
}

func (s watchedSession) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	results, err := s.Session.Apply(ctx, want)
	for _, r := range results {
		s.w.HearDetail(r.Err)
	}
	return results, s.w.HearError(err)
}

func (s watchedSession) Save(ctx context.Context) error { return s.w.HearError(s.Session.Save(ctx)) }

// ListPorts answers as the wire does for a session that cannot.
func (s watchedSession) ListPorts(ctx context.Context) ([]string, error) {
	lister, ok := s.Session.(netswitch.PortLister)
	if !ok {
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "list ports: not supported"}
	}
	ports, err := lister.ListPorts(ctx)
	return ports, s.w.HearError(err)
}

func (s watchedSession) Close() error { return s.w.HearError(s.Session.Close()) }
