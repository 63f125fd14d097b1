package obm

import (
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

func sensorsToProto(sensors []Sensor) []*pb.OBMSensor {
	messages := make([]*pb.OBMSensor, len(sensors))
	for i, s := range sensors {
		messages[i] = &pb.OBMSensor{Name: wire.Clean(s.Name), Value: s.Value, Unit: wire.Clean(s.Unit), State: wire.Clean(s.State)}
	}
	return messages
}

func sensorsFromProto(messages []*pb.OBMSensor) []Sensor {
	sensors := make([]Sensor, len(messages))
	for i, m := range messages {
		sensors[i] = Sensor{Name: m.GetName(), Unit: m.GetUnit(), State: m.GetState()}
		if m != nil {
			sensors[i].Value = m.Value
		}
	}
	return sensors
}

func partsToProto(parts []Part) []*pb.OBMPart {
	messages := make([]*pb.OBMPart, len(parts))
	for i, p := range parts {
		messages[i] = &pb.OBMPart{
			Name: wire.Clean(p.Name), Manufacturer: wire.Clean(p.Manufacturer), Product: wire.Clean(p.Product),
			PartNumber: wire.Clean(p.PartNumber), Serial: wire.Clean(p.Serial), Version: wire.Clean(p.Version),
			AssetTag: wire.Clean(p.AssetTag),
		}
	}
	return messages
}

func partsFromProto(messages []*pb.OBMPart) []Part {
	parts := make([]Part, len(messages))
	for i, m := range messages {
		parts[i] = Part{
			Name: m.GetName(), Manufacturer: m.GetManufacturer(), Product: m.GetProduct(), PartNumber: m.GetPartNumber(),
			Serial: m.GetSerial(), Version: m.GetVersion(), AssetTag: m.GetAssetTag(),
		}
	}
	return parts
}
