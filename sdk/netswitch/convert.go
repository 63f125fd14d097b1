package netswitch

import (
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

func statesToProto(states []PortState) []*pb.SwitchPort {
	ports := make([]*pb.SwitchPort, len(states))
	for i, s := range states {
		p := &pb.SwitchPort{Port: wire.Clean(s.Port), Native: int32(s.Native), Up: s.Up}
		for _, v := range s.Tagged {
			p.Tagged = append(p.Tagged, int32(v))
		}
		ports[i] = p
	}
	return ports
}

func statesFromProto(ports []*pb.SwitchPort) []PortState {
	states := make([]PortState, len(ports))
	for i, p := range ports {
		s := PortState{Port: p.GetPort(), Native: int(p.GetNative()), Up: p.GetUp()}
		for _, v := range p.GetTagged() {
			s.Tagged = append(s.Tagged, int(v))
		}
		states[i] = s
	}
	return states
}

func resultsToProto(results []PortResult) []*pb.SwitchPortResult {
	ports := make([]*pb.SwitchPortResult, len(results))
	for i, r := range results {
		ports[i] = &pb.SwitchPortResult{Port: wire.Clean(r.Port), Error: wire.ErrorToProto(r.Err)}
	}
	return ports
}

func resultsFromProto(ports []*pb.SwitchPortResult) []PortResult {
	results := make([]PortResult, len(ports))
	for i, p := range ports {
		results[i] = PortResult{Port: p.GetPort(), Err: wire.ErrorFromProto(p.GetError())}
	}
	return results
}
