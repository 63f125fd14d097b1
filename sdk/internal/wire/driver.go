package wire

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

// introduction is how long a driver may take to say who it is when the host connects. It touches no device for that,
// so only a driver that hangs takes longer.
const introduction = 10 * time.Second

// Driver is what the drivers of all contracts have in common. A Driver that is also a sdk.Configurer is configured.
type Driver interface {
	Info(ctx context.Context) (sdk.Info, error)
}

// RegisterDriver adds the Driver service to s.
func RegisterDriver(s grpc.ServiceRegistrar, d Driver) {
	pb.RegisterDriverServer(s, &driverServer{driver: d})
}

type driverServer struct {
	pb.UnimplementedDriverServer
	driver Driver
}

func (s *driverServer) Info(ctx context.Context, _ *pb.InfoRequest) (*pb.InfoResponse, error) {
	info, err := s.driver.Info(ctx)
	_, configurable := s.driver.(sdk.Configurer)
	return infoToProto(info, configurable), err
}

func (s *driverServer) Configure(ctx context.Context, req *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	c, ok := s.driver.(sdk.Configurer)
	if !ok {
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the driver has no settings of its own"}
	}
	return &pb.ConfigureResponse{}, c.Configure(ctx, req.GetSettings())
}

// Base is the host's end of the Driver service.
type Base struct{ rpc pb.DriverClient }

// Connect makes the host's end of the Driver service on conn, and says whether the driver is configurable.
func Connect(ctx context.Context, conn grpc.ClientConnInterface) (Base, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, introduction)
	defer cancel()
	b := Base{rpc: pb.NewDriverClient(conn)}
	info, err := b.rpc.Info(ctx, &pb.InfoRequest{})
	return b, info.GetConfigurable(), Failure(ctx, err)
}

// Info asks the driver who it is.
func (b Base) Info(ctx context.Context) (sdk.Info, error) {
	info, err := b.rpc.Info(ctx, &pb.InfoRequest{})
	if err != nil {
		return sdk.Info{}, Failure(ctx, err)
	}
	return infoFromProto(info), nil
}

// Configurer is Base's sdk.Configurer, for the drivers that are one.
type Configurer struct{ base Base }

// Configurer gives the ability to configure the driver.
func (b Base) Configurer() Configurer { return Configurer{base: b} }

// Configure gives the driver its section of haas.cfg.
func (c Configurer) Configure(ctx context.Context, settings map[string]string) error {
	_, err := c.base.rpc.Configure(ctx, &pb.ConfigureRequest{Settings: settings})
	return Failure(ctx, err)
}

var _ sdk.Configurer = Configurer{}
