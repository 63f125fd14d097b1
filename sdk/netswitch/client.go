package netswitch

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// client is the Driver on the host's end of the wire.
type client struct {
	wire.Base
	rpc pb.SwitchClient
}

var (
	_ Driver   = (*client)(nil)
	_ Releaser = (*client)(nil)
)

func (c *client) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := c.rpc.ValidateTarget(ctx, &pb.SwitchValidateTargetRequest{Target: wire.TargetToProto(target)})
	return wire.Failure(ctx, err)
}

func (c *client) ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error) {
	if !utf8.ValidString(port) { // the wire cannot carry it
		return "", &sdk.Error{Code: sdk.Invalid, Text: "a port's name must be UTF-8 text"}
	}
	req := &pb.SwitchValidatePortRequest{Target: wire.TargetToProto(target), Port: port}
	answer, err := c.rpc.ValidatePort(ctx, req)
	return answer.GetPort(), wire.Failure(ctx, err)
}

func (c *client) Open(ctx context.Context, target sdk.Target) (Session, error) {
	t := wire.TargetToProto(target)
	if _, err := c.rpc.Open(ctx, &pb.SwitchOpenRequest{Target: t}); err != nil {
		return nil, wire.Failure(ctx, err)
	}
	return &clientSession{rpc: c.rpc, target: t}, nil
}

// Release closes the sessions at the other end. A driver built before there was such a call closes them when idle.
func (c *client) Release(ctx context.Context, target sdk.Target) error {
	_, err := c.rpc.Release(ctx, &pb.SwitchReleaseRequest{Target: wire.TargetToProto(target)})
	if err = wire.Failure(ctx, err); sdk.CodeOf(err) == sdk.Unsupported {
		return nil
	}
	return err
}

// clientSession names its target in every call; the real session is kept warm at the other end.
type clientSession struct {
	rpc    pb.SwitchClient
	target *pb.Target
}

var (
	_ Session    = (*clientSession)(nil)
	_ PortLister = (*clientSession)(nil)
)

func (s *clientSession) Read(ctx context.Context, ports []string) ([]PortState, error) {
	answer, err := s.rpc.Read(ctx, &pb.SwitchReadRequest{Target: s.target, Ports: wire.CleanAll(ports)})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	states := statesFromProto(answer.GetPorts())
	return states, inOrder("read", ports, states, func(p PortState) string { return p.Port })
}

func (s *clientSession) Plan(ctx context.Context, want []PortState) ([]string, error) {
	answer, err := s.rpc.Plan(ctx, &pb.SwitchPlanRequest{Target: s.target, Want: statesToProto(want)})
	return answer.GetLines(), wire.Failure(ctx, err)
}

func (s *clientSession) Apply(ctx context.Context, want []PortState) ([]PortResult, error) {
	answer, err := s.rpc.Apply(ctx, &pb.SwitchApplyRequest{Target: s.target, Want: statesToProto(want)})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	ports := make([]string, len(want))
	for i := range want {
		ports[i] = want[i].Port
	}
	results := resultsFromProto(answer.GetResults())
	return results, inOrder("apply", ports, results, func(r PortResult) string { return r.Port })
}

func (s *clientSession) Save(ctx context.Context) error {
	_, err := s.rpc.Save(ctx, &pb.SwitchSaveRequest{Target: s.target})
	return wire.Failure(ctx, err)
}

func (s *clientSession) ListPorts(ctx context.Context) ([]string, error) {
	answer, err := s.rpc.ListPorts(ctx, &pb.SwitchListPortsRequest{Target: s.target})
	return answer.GetPorts(), wire.Failure(ctx, err)
}

// Close does nothing: the driver closes the real session when it is idle.
func (s *clientSession) Close() error { return nil }

// inOrder keeps a driver's bug from shifting one port's answer to another port.
func inOrder[T any](verb string, ports []string, answers []T, port func(T) string) error {
	if len(answers) != len(ports) {
		return &sdk.Error{Text: fmt.Sprintf("%s: the driver answered for %d ports of %d", verb, len(answers), len(ports))}
	}
	for i, a := range answers {
		if port(a) != ports[i] {
			return &sdk.Error{Text: fmt.Sprintf("%s: the driver answered for port %q in place of %q", verb, port(a), ports[i])}
		}
	}
	return nil
}
