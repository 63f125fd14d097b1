package switches_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// onAPortThatIsNotTheServers has it not touched, and the action says why.
func onAPortThatIsNotTheServers(t *testing.T, s *site) {
	t.Helper()
	for name, c := range map[string]struct {
		done, undone []string
		words        string
	}{
		"is a member of a port-channel": {[]string{"channel-group 5 mode on"}, []string{"no channel-group"}, "is a member of (a )?port-channel"},
		"is routed":                     {[]string{"no switchport"}, []string{"switchport"}, "is a routed port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{})
				sc.typed(t, append([]string{"interface " + f.channel, "shutdown"}, f.enter(ownPort)...)...)
				sc.typed(t, append(f.enter(ownPort), c.done...)...)
				was := sc.sw.RunningConfig()
				w := sc.more()[0]
				sc.fails(t, w, c.words)
				if now := sc.sw.RunningConfig(); timeless(now) != timeless(was) {
					t.Errorf("the server changed\n%s\nto\n%s", was, now)
				}
				sc.typed(t, append(f.enter(ownPort), c.undone...)...)
				sc.arrives(t)
				sc.comesAbout(t, w)
			})
		})
	}
}

// onAPortThatIsGone ends in ERROR: the switch was replaced by a smaller one.
func onAPortThatIsGone(t *testing.T, s *site) {
	t.Helper()
	onEach(t, func(t *testing.T, f family) {
		d := &door{}
		sc := s.stage(t, f, scenery{door: d})
		d.shut()
		noError(t, sc.sw.Close())
		small := f.simulate(consoletest.Options{Ports: ownPort - 1})
		t.Cleanup(func() { noError(t, small.Close()) })
		d.open(t, small)
		w := sc.more()[0]
		words := s.root.Settled(t, sc.ask(t, w))["error"]
		sc.tells(t, w, fmt.Sprint(words), lasting{words: "has no port " + f.port(ownPort)})
	})
}

// onAVLANThatIsRefused ends in ERROR, and the port stays as it was.
func onAVLANThatIsRefused(t *testing.T, s *site) {
	t.Helper()
	newer := func(quirks ...nexus5k.Quirk) func(o consoletest.Options) consoletest.Switch {
		return func(o consoletest.Options) consoletest.Switch { return nexus5k.New(o, quirks...) }
	}
	ownVLANs := func(d *device) {
		noError(t, d.Type("configure", "vlan database", fmt.Sprintf("vlan %d,%d", s.vlans["w1"], s.vlans["w3"])))
	}
	for name, c := range map[string]struct {
		vlan    int
		family  family
		scenery scenery
		words   string
	}{
		"because it is reserved on every release": {3970, nexus(), scenery{}, "VLAN 3970 is one that the switch keeps for itself"},
		"because it is reserved on this release": {4050, nexus(), scenery{simulate: newer(nexus5k.NewerRelease)},
			"vlan 4050.*reserved for internal use"},
		"when the mode is left": {4051, nexus(), scenery{simulate: newer(nexus5k.NewerRelease, nexus5k.LateRefusals)},
			"reserved for internal use"},
		"because nobody created it": {201, powerconnect(), scenery{
			more: `, "create_vlans": false`, prepare: ownVLANs,
			simulate: func(o consoletest.Options) consoletest.Switch {
				return powerconnect55.New(o, powerconnect55.TrunkNeedsVLANs)
			},
		}, "VLAN was not created by user"},
	} {
		network := fmt.Sprintf("v%d", c.vlan)
		s.root.OK(t, "PUT", "/network/"+network, fmt.Sprintf(`{"creator": "admin", "access": "p1", "net_id": "%d"}`, c.vlan))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := s.stage(t, c.family, c.scenery)
			sc.sw.law.grant(c.family.port(ownPort), s.vlans["w1"], s.vlans["w2"], c.vlan)
			sc.fails(t, wish{"connect_network", network, fmt.Sprintf("vlan/%d", c.vlan)}, c.words)
			sc.settles(t)
			sc.comesAbout(t, less()[0])
			sc.fails(t, wish{"connect_network", network, "vlan/native"}, c.words)
			sc.comesAbout(t, less()[1])
		})
	}
}

// onAVLANThatIsNotCreated although the switch said nothing against it: the change comes about when it is created at the
// second try, and is never DONE while nothing gets through.
func onAVLANThatIsNotCreated(t *testing.T, s *site) {
	t.Helper()
	for name, kind := range map[string]consoletest.Kind{
		"because the line was lost":        consoletest.LoseCommand,
		"because the switch only pretends": consoletest.IgnoreConfig,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{})
				w := sc.more()[0]
				at := sc.sw.Inject(consoletest.Fault{Kind: kind, On: regexp.MustCompile(`^vlan \d`), Always: true})
				sc.fails(t, w, "VLAN")
				if at.Hits() == 0 {
					t.Error("no VLAN was to be created")
				}
				sc.sw.Heal()
				sc.settles(t)
				sc.sw.Inject(consoletest.Fault{Kind: kind, On: regexp.MustCompile(`^vlan \d`)})
				sc.comesAbout(t, w)
			})
		})
	}
}
