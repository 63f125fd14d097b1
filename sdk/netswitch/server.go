package netswitch

import (
	"context"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/session"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// server is the driver's end of the wire.
type server struct {
	pb.UnimplementedSwitchServer
	driver   Driver
	sessions *session.Pool[Session]
}

var _ wire.Service = (*server)(nil)

func newServer(d Driver, log hclog.Logger) *server {
	return &server{driver: d, sessions: session.New(session.Config[Session]{Open: d.Open, Log: log})}
}

// Register adds the services of a switch driver to g.
func (s *server) Register(g grpc.ServiceRegistrar) {
	wire.RegisterDriver(g, s.driver)
	pb.RegisterSwitchServer(g, s)
}

// Close closes the sessions with switches.
func (s *server) Close(ctx context.Context) { s.sessions.Close(ctx) }

func (s *server) ValidateTarget(ctx context.Context, req *pb.SwitchValidateTargetRequest) (*pb.SwitchValidateTargetResponse, error) {
	return &pb.SwitchValidateTargetResponse{}, s.driver.ValidateTarget(ctx, wire.TargetFromProto(req.GetTarget()))
}

func (s *server) ValidatePort(ctx context.Context, req *pb.SwitchValidatePortRequest) (*pb.SwitchValidatePortResponse, error) {
	port, err := s.driver.ValidatePort(ctx, wire.TargetFromProto(req.GetTarget()), req.GetPort())
	return &pb.SwitchValidatePortResponse{Port: wire.Clean(port)}, err
}

func (s *server) Open(ctx context.Context, req *pb.SwitchOpenRequest) (*pb.SwitchOpenResponse, error) {
	return &pb.SwitchOpenResponse{}, s.do(ctx, req, func(Session) error { return nil })
}

func (s *server) Read(ctx context.Context, req *pb.SwitchReadRequest) (*pb.SwitchReadResponse, error) {
	answer := &pb.SwitchReadResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		states, err := c.Read(ctx, req.GetPorts())
		answer.Ports = statesToProto(states)
		return err
	})
}

func (s *server) Plan(ctx context.Context, req *pb.SwitchPlanRequest) (*pb.SwitchPlanResponse, error) {
	answer := &pb.SwitchPlanResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		lines, err := c.Plan(ctx, statesFromProto(req.GetWant()))
		answer.Lines = wire.CleanAll(lines)
		return err
	})
}

func (s *server) Apply(ctx context.Context, req *pb.SwitchApplyRequest) (*pb.SwitchApplyResponse, error) {
	answer := &pb.SwitchApplyResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		results, err := c.Apply(ctx, statesFromProto(req.GetWant()))
		answer.Results = resultsToProto(results)
		return err
	})
}

func (s *server) Save(ctx context.Context, req *pb.SwitchSaveRequest) (*pb.SwitchSaveResponse, error) {
	return &pb.SwitchSaveResponse{}, s.do(ctx, req, func(c Session) error { return c.Save(ctx) })
}

func (s *server) ListPorts(ctx context.Context, req *pb.SwitchListPortsRequest) (*pb.SwitchListPortsResponse, error) {
	answer := &pb.SwitchListPortsResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		lister, ok := c.(PortLister)
		if !ok {
			return &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot list the ports of a switch"}
		}
		ports, err := lister.ListPorts(ctx)
		answer.Ports = wire.CleanAll(ports)
		return err
	})
}

func (s *server) Release(ctx context.Context, req *pb.SwitchReleaseRequest) (*pb.SwitchReleaseResponse, error) {
	return &pb.SwitchReleaseResponse{}, s.sessions.Release(ctx, wire.TargetFromProto(req.GetTarget()))
}

// do runs call with the session of the request's target.
func (s *server) do(ctx context.Context, req interface{ GetTarget() *pb.Target }, call func(Session) error) error {
	return s.sessions.Do(ctx, wire.TargetFromProto(req.GetTarget()), call)
}
