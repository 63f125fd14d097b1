package netswitchtest

import (
	"sync"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func applyChecks() []check {
	return []check{
		{Name: "Apply reaches a full state", Run: reachesState},
		{Name: "Apply reaches a trunk without a native VLAN", Run: reachesNativelessTrunk},
		{Name: "Apply removes what is not wanted", Run: removesUnwanted},
		{Name: "Apply closes a port", Run: closesPort},
		{Name: "Apply may be repeated", Run: appliesTwice},
		{Name: "Apply answers in order", Run: appliesInOrder},
		{Name: "Apply fails an absent port alone", Run: failsAbsentAlone},
		{Name: "Apply leaves other ports alone", Run: leavesOthersAlone},
		{Name: "Apply works beside others", Run: worksBesideOthers},
	}
}

func reachesState(t conformance.T, r *rig) {
	s, want := r.openClean(t), r.trunk(r.Ports[0])
	apply(t, s, want)
	shows(t, s, want)
}

func reachesNativelessTrunk(t conformance.T, r *rig) {
	if !r.subject().Has(t, netswitch.NativelessTrunk) {
		t.Skipf("the driver has not the capability %s", netswitch.NativelessTrunk)
	}
	s, want := r.openClean(t), r.trunk(r.Ports[0])
	arrange(t, s, want)
	want.Native = 0
	apply(t, s, want)
	shows(t, s, want)
}

func removesUnwanted(t conformance.T, r *rig) {
	s, want := r.openClean(t), r.other(r.Ports[0])
	arrange(t, s, r.trunk(r.Ports[0]))
	apply(t, s, want)
	shows(t, s, want)
}

func closesPort(t conformance.T, r *rig) {
	s, want := r.openClean(t), netswitch.Closed(r.Ports[0])
	arrange(t, s, r.access(r.Ports[0]))
	apply(t, s, want)
	shows(t, s, want)
}

func appliesTwice(t conformance.T, r *rig) {
	s, want := r.openClean(t), r.trunk(r.Ports[0])
	arrange(t, s, want)
	apply(t, s, want)
	shows(t, s, want)
}

func appliesInOrder(t conformance.T, r *rig) {
	want := []netswitch.PortState{r.access(r.Ports[1]), r.access(r.Ports[0])}
	results, err := r.openClean(t).Apply(t.Context(), want)
	if err != nil || len(results) != len(want) {
		t.Fatalf("Apply: %d results for %d ports, error %v", len(results), len(want), err)
	}
	for i := range want {
		if results[i].Port != want[i].Port {
			t.Errorf("Apply: result %d is for port %s, want %s", i, results[i].Port, want[i].Port)
		}
	}
}

func failsAbsentAlone(t conformance.T, r *rig) {
	if r.Absent == "" {
		t.Skipf("the subject names no absent port")
	}
	s := r.openClean(t)
	first, last := r.trunk(r.Ports[0]), r.access(r.Ports[1])
	arrange(t, s, r.access(r.Ports[0]), netswitch.Closed(r.Ports[1]))
	results, err := s.Apply(t.Context(), []netswitch.PortState{first, r.access(r.Absent), last})
	if err != nil || len(results) != 3 {
		t.Fatalf("Apply with an absent port: %d results for 3 ports, error %v; want the failure in its result", len(results), err)
	}
	if e := results[1].Err; e == nil || e.Code != sdk.NotFound {
		t.Errorf("Apply: the result of the absent port %s is %v, want the code %q", r.Absent, e, sdk.NotFound)
	}
	shows(t, s, first, last)
}

func leavesOthersAlone(t conformance.T, r *rig) {
	s := r.openClean(t)
	neighbour, want := r.trunk(r.Ports[1]), r.access(r.Ports[0])
	arrange(t, s, netswitch.Closed(r.Ports[0]), neighbour)
	apply(t, s, want)
	shows(t, s, neighbour)
}

// worksBesideOthers holds one session for each port at once, as far as the device allows.
func worksBesideOthers(t conformance.T, r *rig) {
	s := r.openClean(t)
	arrange(t, s, r.trunk(r.Ports[0]), r.access(r.Ports[0]), netswitch.Closed(r.Ports[1]))
	var all sync.WaitGroup
	errs := make([]error, len(r.Ports))
	for i, port := range r.Ports {
		all.Go(func() { errs[i] = r.visit(t, r.trunk(port)) })
	}
	all.Wait()
	for i, port := range r.Ports {
		conformance.NoError(t, "Apply to port "+port+" beside others", errs[i])
		shows(t, s, r.trunk(port))
	}
}

// visit applies one state in a session of its own.
func (r *rig) visit(t conformance.T, want netswitch.PortState) error {
	return conformance.Patiently(t.Context(), r.Patience, func() error {
		s, err := r.driver.Open(t.Context(), r.Target)
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }()
		results, err := s.Apply(t.Context(), []netswitch.PortState{want})
		if err == nil && len(results) == 1 && results[0].Err != nil {
			return results[0].Err
		}
		return err
	})
}
