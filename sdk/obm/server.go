package obm

import (
	"context"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/session"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// server is the driver's end of the wire.
type server struct {
	pb.UnimplementedOBMServer
	driver   Driver
	log      hclog.Logger
	sessions *session.Pool[Session]
}

var _ wire.Service = (*server)(nil)

func newServer(d Driver, log hclog.Logger) *server {
	return &server{driver: d, log: log, sessions: session.New(session.Config[Session]{Open: d.Open, Log: log})}
}

// Register adds the services of an out-of-band management driver to g.
func (s *server) Register(g grpc.ServiceRegistrar) {
	wire.RegisterDriver(g, s.driver)
	pb.RegisterOBMServer(g, s)
}

// Close closes the sessions with controllers.
func (s *server) Close(ctx context.Context) { s.sessions.Close(ctx) }

func (s *server) ValidateTarget(ctx context.Context, req *pb.OBMValidateTargetRequest) (*pb.OBMValidateTargetResponse, error) {
	return &pb.OBMValidateTargetResponse{}, s.driver.ValidateTarget(ctx, wire.TargetFromProto(req.GetTarget()))
}

func (s *server) Open(ctx context.Context, req *pb.OBMOpenRequest) (*pb.OBMOpenResponse, error) {
	answer := &pb.OBMOpenResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		_, answer.Console = c.(Consoler)
		return nil
	})
}

func (s *server) PowerOn(ctx context.Context, req *pb.OBMPowerOnRequest) (*pb.OBMPowerOnResponse, error) {
	return &pb.OBMPowerOnResponse{}, s.do(ctx, req, func(c Session) error { return c.PowerOn(ctx) })
}

func (s *server) PowerOff(ctx context.Context, req *pb.OBMPowerOffRequest) (*pb.OBMPowerOffResponse, error) {
	return &pb.OBMPowerOffResponse{}, s.do(ctx, req, func(c Session) error { return c.PowerOff(ctx) })
}

func (s *server) PowerCycle(ctx context.Context, req *pb.OBMPowerCycleRequest) (*pb.OBMPowerCycleResponse, error) {
	return &pb.OBMPowerCycleResponse{}, s.do(ctx, req, func(c Session) error { return c.PowerCycle(ctx, req.GetForce()) })
}

func (s *server) PowerStatus(ctx context.Context, req *pb.OBMPowerStatusRequest) (*pb.OBMPowerStatusResponse, error) {
	answer := &pb.OBMPowerStatusResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		power, err := c.PowerStatus(ctx)
		answer.Power = powerToProto(power)
		return err
	})
}

func (s *server) SetBootDevice(ctx context.Context, req *pb.OBMSetBootDeviceRequest) (*pb.OBMSetBootDeviceResponse, error) {
	dev, err := bootFromProto(req.GetDevice())
	if err != nil {
		return nil, err
	}
	return &pb.OBMSetBootDeviceResponse{}, s.do(ctx, req, func(c Session) error { return c.SetBootDevice(ctx, dev) })
}

// do runs call with the session of the request's target.
func (s *server) do(ctx context.Context, req interface{ GetTarget() *pb.Target }, call func(Session) error) error {
	return s.sessions.Do(ctx, wire.TargetFromProto(req.GetTarget()), call)
}
