package headnode

import (
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

func imagesToProto(images []Image) []*pb.HeadnodeImage {
	p := make([]*pb.HeadnodeImage, len(images))
	for i, image := range images {
		p[i] = &pb.HeadnodeImage{
			Name: wire.Clean(image.Name), Description: wire.Clean(image.Description), Size: image.Size, Checksum: wire.Clean(image.Checksum),
		}
	}
	return p
}

func imagesFromProto(p []*pb.HeadnodeImage) []Image {
	images := make([]Image, len(p))
	for i, image := range p {
		images[i] = Image{Name: image.GetName(), Description: image.GetDescription(), Size: image.GetSize(), Checksum: image.GetChecksum()}
	}
	return images
}

func createToProto(target *pb.Target, spec Spec) *pb.HeadnodeCreateRequest {
	req := &pb.HeadnodeCreateRequest{Target: target, Id: wire.Clean(spec.ID), Image: wire.Clean(spec.Image)}
	for _, n := range spec.NICs {
		req.Nics = append(req.Nics, nicToProto(n))
	}
	return req
}

func specFromProto(req *pb.HeadnodeCreateRequest) Spec {
	spec := Spec{ID: req.GetId(), Image: req.GetImage()}
	for _, n := range req.GetNics() {
		spec.NICs = append(spec.NICs, nicFromProto(n))
	}
	return spec
}

func nicToProto(n NIC) *pb.HeadnodeNIC {
	return &pb.HeadnodeNIC{Label: wire.Clean(n.Label), Vlan: int32(n.VLAN)}
}

func nicFromProto(p *pb.HeadnodeNIC) NIC { return NIC{Label: p.GetLabel(), VLAN: int(p.GetVlan())} }

func stateToProto(s State) *pb.HeadnodeStateResponse {
	return &pb.HeadnodeStateResponse{Running: s.Running, VncPort: int32(s.VNCPort)}
}

func stateFromProto(p *pb.HeadnodeStateResponse) State {
	return State{Running: p.GetRunning(), VNCPort: int(p.GetVncPort())}
}

func roomToProto(r Room) *pb.HeadnodeRoomResponse {
	return &pb.HeadnodeRoomResponse{Total: r.Total, Used: r.Used, Needed: r.Needed}
}

func roomFromProto(p *pb.HeadnodeRoomResponse) Room {
	return Room{Total: p.GetTotal(), Used: p.GetUsed(), Needed: p.GetNeeded()}
}
