package headnode

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
	pb.UnimplementedHeadnodeServer
	driver   Driver
	log      hclog.Logger
	sessions *session.Pool[Session]
}

var _ wire.Service = (*server)(nil)

func newServer(d Driver, log hclog.Logger) *server {
	return &server{driver: d, log: log, sessions: session.New(session.Config[Session]{Open: d.Open, Log: log})}
}

// Register adds the services of a headnode driver to g.
func (s *server) Register(g grpc.ServiceRegistrar) {
	wire.RegisterDriver(g, s.driver)
	pb.RegisterHeadnodeServer(g, s)
}

// Close closes the sessions with hosts.
func (s *server) Close(ctx context.Context) { s.sessions.Close(ctx) }

func (s *server) ValidateTarget(ctx context.Context, req *pb.HeadnodeValidateTargetRequest) (*pb.HeadnodeValidateTargetResponse, error) {
	return &pb.HeadnodeValidateTargetResponse{}, s.driver.ValidateTarget(ctx, wire.TargetFromProto(req.GetTarget()))
}

func (s *server) Open(ctx context.Context, req *pb.HeadnodeOpenRequest) (*pb.HeadnodeOpenResponse, error) {
	return &pb.HeadnodeOpenResponse{}, s.share(ctx, req, func(Session) error { return nil })
}

func (s *server) Images(ctx context.Context, req *pb.HeadnodeImagesRequest) (*pb.HeadnodeImagesResponse, error) {
	answer := &pb.HeadnodeImagesResponse{}
	return answer, s.share(ctx, req, func(c Session) error {
		images, err := c.Images(ctx)
		answer.Images = imagesToProto(images)
		return err
	})
}

func (s *server) Create(ctx context.Context, req *pb.HeadnodeCreateRequest) (*pb.HeadnodeCreateResponse, error) {
	return &pb.HeadnodeCreateResponse{}, s.share(ctx, req, func(c Session) error { return c.Create(ctx, specFromProto(req)) })
}

func (s *server) Start(ctx context.Context, req *pb.HeadnodeStartRequest) (*pb.HeadnodeStartResponse, error) {
	return &pb.HeadnodeStartResponse{}, s.share(ctx, req, func(c Session) error { return c.Start(ctx, req.GetId()) })
}

func (s *server) Stop(ctx context.Context, req *pb.HeadnodeStopRequest) (*pb.HeadnodeStopResponse, error) {
	return &pb.HeadnodeStopResponse{}, s.share(ctx, req, func(c Session) error { return c.Stop(ctx, req.GetId()) })
}

func (s *server) Delete(ctx context.Context, req *pb.HeadnodeDeleteRequest) (*pb.HeadnodeDeleteResponse, error) {
	return &pb.HeadnodeDeleteResponse{}, s.share(ctx, req, func(c Session) error { return c.Delete(ctx, req.GetId()) })
}

func (s *server) State(ctx context.Context, req *pb.HeadnodeStateRequest) (*pb.HeadnodeStateResponse, error) {
	answer := &pb.HeadnodeStateResponse{}
	err := s.share(ctx, req, func(c Session) error {
		state, err := c.State(ctx, req.GetId())
		answer = stateToProto(state)
		return err
	})
	return answer, err
}

// share runs call with the session of the request's target, beside other calls.
func (s *server) share(ctx context.Context, req interface{ GetTarget() *pb.Target }, call func(Session) error) error {
	return s.sessions.Share(ctx, wire.TargetFromProto(req.GetTarget()), call)
}
