package obm

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

func (s *server) SetNextBootDevice(ctx context.Context, req *pb.OBMSetNextBootDeviceRequest) (*pb.OBMSetNextBootDeviceResponse, error) {
	dev, err := bootFromProto(req.GetDevice())
	if err != nil {
		return nil, err
	}
	return &pb.OBMSetNextBootDeviceResponse{}, s.do(ctx, req, func(c Session) error { return setNextBootDevice(ctx, c, dev) })
}

func setNextBootDevice(ctx context.Context, s Session, dev BootDevice) error {
	b, ok := s.(NextBooter)
	if !ok {
		return cannot("choose a boot device for one start")
	}
	return b.SetNextBootDevice(ctx, dev)
}

func (s *server) Sensors(ctx context.Context, req *pb.OBMSensorsRequest) (*pb.OBMSensorsResponse, error) {
	answer := &pb.OBMSensorsResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		r, ok := c.(SensorReader)
		if !ok {
			return cannot("read sensors")
		}
		sensors, err := r.Sensors(ctx)
		answer.Sensors = sensorsToProto(sensors)
		return err
	})
}

func (s *server) Inventory(ctx context.Context, req *pb.OBMInventoryRequest) (*pb.OBMInventoryResponse, error) {
	answer := &pb.OBMInventoryResponse{}
	return answer, s.do(ctx, req, func(c Session) error {
		i, ok := c.(Inventorier)
		if !ok {
			return cannot("list what a node is made of")
		}
		parts, err := i.Inventory(ctx)
		answer.Parts = partsToProto(parts)
		return err
	})
}

func (s *server) Identify(ctx context.Context, req *pb.OBMIdentifyRequest) (*pb.OBMIdentifyResponse, error) {
	d := time.Duration(req.GetMilliseconds()) * time.Millisecond
	return &pb.OBMIdentifyResponse{}, s.do(ctx, req, func(c Session) error {
		i, ok := c.(Identifier)
		if !ok {
			return cannot("light a lamp")
		}
		return i.Identify(ctx, d)
	})
}

// cannot is the error for an ability that the driver's sessions do not have.
func cannot(what string) error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot " + what}
}
