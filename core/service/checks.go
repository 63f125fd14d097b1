package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// SwitchCheck holds every registered port of a switch against its running configuration, read now.
func (s *Service) SwitchCheck(ctx context.Context, sw string) (SwitchCheck, error) {
	if err := auth.Check(ctx, "switch_check", auth.Nothing); err != nil {
		return SwitchCheck{}, err
	}
	w, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return SwitchCheck{}, err
	}
	ports, err := s.compare(ctx, w, func(ctx context.Context) ([]store.Work, error) { return s.Store.Ports(ctx, w.ID) })
	if err != nil {
		return SwitchCheck{}, err
	}
	lane, err := s.Store.Lane(ctx, w.ID)
	if err != nil {
		return SwitchCheck{}, err
	}
	astray := slices.ContainsFunc(ports, func(p PortState) bool { return !p.InOrder })
	return SwitchCheck{
		Switch: w.Label, InOrder: !astray, Ports: ports, UnsavedSince: lane.UnsavedSince, LastError: lane.LastError,
	}, nil
}

// PortState holds one port against the running configuration of its switch, read now.
func (s *Service) PortState(ctx context.Context, sw, port string) (PortState, error) {
	if err := auth.Check(ctx, "port_state", auth.Nothing); err != nil {
		return PortState{}, err
	}
	w, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return PortState{}, err
	}
	p, err := s.Store.Port(ctx, w, port)
	if err != nil {
		return PortState{}, err
	}
	states, err := s.compare(ctx, w, func(ctx context.Context) ([]store.Work, error) {
		work, err := s.Store.PortWork(ctx, p.ID)
		return []store.Work{work}, err
	})
	if err != nil {
		return PortState{}, err
	}
	return states[0], nil
}

// SwitchTest reaches for a switch, logs in, lists its ports and reads the registered ones. It changes nothing.
func (s *Service) SwitchTest(ctx context.Context, sw string) (SwitchTest, error) {
	if err := auth.Check(ctx, "switch_test", auth.Nothing); err != nil {
		return SwitchTest{}, err
	}
	w, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return SwitchTest{}, err
	}
	ports, err := s.Store.Ports(ctx, w.ID)
	if err != nil {
		return SwitchTest{}, err
	}
	answer, err := s.ask(ctx, w, fabric.Question{Ports: deviceNames(ports), ListPorts: true})
	if err != nil {
		return SwitchTest{}, err
	}
	shown := SwitchTest{Switch: w.Label, Listed: answer.Listed, Ports: append([]string{}, answer.Ports...), Missing: []string{}}
	for i, p := range ports {
		if answer.Running[i] == nil {
			shown.Missing = append(shown.Missing, p.Label)
		}
	}
	return shown, nil
}

// compare reads ports from the switch. What is wanted is taken from the database before and after: a port that changed
// in between may have been read in either state.
func (s *Service) compare(ctx context.Context, w core.Switch, ports func(context.Context) ([]store.Work, error)) ([]PortState, error) {
	before, err := ports(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := s.ask(ctx, w, fabric.Question{Ports: deviceNames(before)})
	if err != nil {
		return nil, err
	}
	after, err := ports(ctx)
	if err != nil {
		return nil, err
	}
	now := map[int64]store.Work{}
	for _, p := range after {
		now[p.Port.ID] = p
	}
	states := make([]PortState, 0, len(before))
	for i, p := range before {
		if current, ok := now[p.Port.ID]; ok {
			states = append(states, portState(w, p, current, answer.Running[i]))
		}
	}
	return states, nil
}

// ask asks the switch, and makes sure of an answer for each port.
func (s *Service) ask(ctx context.Context, w core.Switch, q fabric.Question) (fabric.Answer, error) {
	answer, err := s.Ask(ctx, w.ID, q)
	if err != nil {
		return fabric.Answer{}, driverError("switch", err)
	}
	if len(answer.Running) != len(q.Ports) {
		return fabric.Answer{}, fmt.Errorf("ask switch %s: %d answers for %d ports", w.Label, len(answer.Running), len(q.Ports))
	}
	return answer, nil
}

func deviceNames(ports []store.Work) []string {
	names := make([]string, 0, len(ports))
	for _, p := range ports {
		names = append(names, p.DeviceName)
	}
	return names
}

// portState is a port as it was when the switch was asked, and as it is now.
func portState(w core.Switch, before, p store.Work, running *netswitch.PortState) PortState {
	state := PortState{
		Port: p.Label, DeviceName: p.DeviceName, Node: p.Node, NIC: p.NIC,
		Pending: !p.Settled() || p.WantedGen != before.WantedGen || p.SeenGen != before.SeenGen,
	}
	want := fabric.Wanted(p)
	if p.WantedGen > 0 {
		state.Wanted = carried(want)
	}
	if running == nil {
		state.Error = "switch " + w.Label + " does not have the port; correct its name, or delete it"
		state.Difference = "the switch does not have the port"
		return state
	}
	state.Running = carried(*running)
	if state.Wanted != nil {
		state.Difference = fabric.Difference(want, *running)
	}
	state.InOrder = state.Difference == ""
	return state
}

func carried(p netswitch.PortState) *Carried {
	return &Carried{Native: p.Native, Tagged: append([]int{}, p.Tagged...), Up: p.Up}
}
