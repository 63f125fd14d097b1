package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// controllerPassword is that of all simulated controllers.
const controllerPassword = "hush-hush-hush"

// controlled registers a node behind a simulated controller, which speaks IPMI, and is driven by the real driver.
func (s *scene) controlled(node string) *bmctest.Controller {
	s.t.Helper()
	c, err := bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: "u", Password: controllerPassword}}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() }) // the socket is all there is
	s.root.ok("PUT", "/node/"+node, `{"obm": `+controllerOf(c, controllerPassword)+`}`)
	return c
}

func controllerOf(c *bmctest.Controller, password string) string {
	return fmt.Sprintf(`{"type": %q, "host": "127.0.0.1", "port": %d, "user": "u", "password": %q, "timeout": "2s"}`,
		servertest.OBMIPMILAN, c.Address().Port, password)
}

// TestControllers shows calls to controllers that speak a real protocol.
func TestControllers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "", nil)
	for name, play := range map[string]func(*scene){
		"every ability is used":                          abilitiesUsed,
		"a silent controller's node is unknown, not off": silentController,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(h.scene(t))
		})
	}
}

func abilitiesUsed(s *scene) {
	c := s.controlled("n1~")
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)

	s.ann.sees("/node/n1~/sensors", fmt.Sprintf(`[{"name": %q, "value": 35, "unit": "degrees C", "state": "ok"},
		{"name": %q, "value": 3000, "unit": "RPM", "state": "ok"}, {"name": %q, "value": null, "unit": "", "state": "not present"}]`,
		bmctest.Temperature, bmctest.Fan, bmctest.Silent))
	s.ann.sees("/node/n1~/inventory", fmt.Sprintf(`[{"name": "system", "manufacturer": %q, "product": %q, "part_number": "620",
		"serial": %q, "version": "1.0", "asset_tag": %q}]`, bmctest.Manufacturer, bmctest.Product, bmctest.Serial, bmctest.AssetTag))
	for body, lit := range map[string]uint8{`{"seconds": 40}`: 40, `{"seconds": 0}`: 0, `{"seconds": 255}`: 255, ``: 15} {
		s.ann.empty("POST", "/node/n1~/identify", body)
		if lamp := c.Chassis().Lamp; lamp != lit {
			s.t.Errorf("after %q the lamp is lit for %d s, want %d", body, lamp, lit)
		}
	}
	got := s.ann.fails(badArgument, "POST", "/node/n1~/identify", `{"seconds": 256}`)
	if !strings.Contains(got.Body, "4m15s") {
		s.t.Errorf("does not say what is possible: %s", got.Body)
	}
	for body, want := range map[string]types.BootOptionParam_BootFlags{
		`{"bootdev": "pxe", "once": true}`:   {BootDeviceSelector: types.BootDeviceSelectorForcePXE},
		`{"bootdev": "disk", "once": false}`: {BootDeviceSelector: types.BootDeviceSelectorForceHardDrive, Persist: true},
		`{"bootdev": "pxe"}`:                 {BootDeviceSelector: types.BootDeviceSelectorForcePXE, Persist: true},
	} {
		s.ann.empty("PUT", "/node/n1~/boot_device", body)
		if flags := c.Chassis().Boot; flags.BootDeviceSelector != want.BootDeviceSelector || flags.Persist != want.Persist {
			s.t.Errorf("after %s the flags are %+v", body, flags)
		}
	}
	for _, call := range abilityCalls {
		s.bob.fails(unauthorized, call.method, call.path, call.body)
		s.nobody.fails(unauthorized, call.method, call.path, call.body)
	}
	s.ann.empty("PUT", "/node/n1~/obm", `{"enabled": false}`)
	for _, call := range abilityCalls {
		s.ann.fails(blocked, call.method, call.path, call.body)
	}
}

// abilityCalls are the calls to a controller that not every one can answer.
var abilityCalls = []call{
	{"GET", "/node/n1~/sensors", ""},
	{"GET", "/node/n1~/inventory", ""},
	{"POST", "/node/n1~/identify", ""},
	{"PUT", "/node/n1~/boot_device", `{"bootdev": "pxe", "once": true}`},
}

// silentController shows too that nobody waits for it but those who want to know, and that its words are told without its
// password.
func silentController(s *scene) {
	silent := s.controlled("silent~")
	s.controlled("good~")
	locked := s.controlled("locked~")
	s.root.ok("DELETE", "/node/locked~", "")
	s.root.ok("PUT", "/node/locked~", `{"obm": `+controllerOf(locked, "not the password")+`}`)
	s.root.ok("POST", "/node/silent~/power_on", "")
	s.root.ok("POST", "/node/good~/power_on", "")
	if got := s.root.fresh(); got["silent"] != "on" || got["good"] != "on" || got["locked"] != "unknown" {
		s.t.Errorf("told %v", got)
	}
	silent.SetDeaf(true)
	now := s.root.powers("?fresh=true")
	if p := now["silent"]; p.Power != "unknown" || p.Age == nil || !strings.Contains(p.Error, "does not answer") {
		s.t.Errorf("the silent one is told as %+v", p)
	}
	if p := now["locked"]; !strings.Contains(p.Error, "the password is wrong") {
		s.t.Errorf("the one with another password is told as %+v", p)
	}
	if p := now["good"]; p.Power != "on" || p.Error != "" {
		s.t.Errorf("the good one is told as %+v", p)
	}
	if p := s.root.powers("")["silent"]; p.Power != "unknown" {
		s.t.Errorf("later, the silent one is told as %+v", p)
	}
	for _, call := range abilityCalls {
		got := s.root.do(call.method, strings.Replace(call.path, "n1~", "silent~", 1), call.body)
		if got.Status != 503 || strings.Contains(got.Body, controllerPassword) {
			s.t.Errorf("%s %s: %d %s", call.method, call.path, got.Status, got.Body)
		}
	}
	silent.SetDeaf(false)
	if got := s.root.fresh(); got["silent"] != "on" {
		s.t.Errorf("told %v", got)
	}
	for _, secret := range []string{controllerPassword, "not the password"} {
		if strings.Contains(s.h.Log.String(), secret) || strings.Contains(s.root.ok("GET", "/nodes/power", "").Body, secret) {
			s.t.Errorf("%q was told", secret)
		}
	}
}
