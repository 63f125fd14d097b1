package service_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core"
)

func TestAbilities(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sensors := get(w.NodeSensors(w.u1, "n1"))(t)
		if len(sensors) != 1 || sensors[0].Name != "MBTemp" || *sensors[0].Value != 35.5 {
			t.Errorf("the sensors are %+v", sensors)
		}
		parts := get(w.NodeInventory(w.u1, "n1"))(t)
		if len(parts) != 1 || parts[0].Serial != "A1" {
			t.Errorf("the inventory is %+v", parts)
		}
		w.obm.noted()
		must(t, w.NodeIdentify(w.u1, "n1", 0))
		if got := w.obm.noted(); len(got) != 1 || got[0] != "identify n1 0s" {
			t.Errorf("asked for %v", got)
		}
		for _, seconds := range []int{-1, 86401, 1 << 62} {
			wantKind(t, w.NodeIdentify(w.u1, "n1", seconds), core.BadArgument)
		}
		wantKind(t, w.NodeSetBootDevice(w.u1, "n1", "floppy", true), core.BadArgument)
		if got := w.obm.noted(); len(got) != 0 {
			t.Errorf("bad arguments reached the controller: %v", got)
		}
	})
}

// TestControllersWithoutAbilities have nothing but power, a lasting boot device and no console.
func TestControllersWithoutAbilities(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.NodeRegister(w.admin, "mute", device(muteType), nil))
		wantKind(t, drop(w.NodeSensors(w.admin, "mute")), core.Refused)
		wantKind(t, drop(w.NodeInventory(w.admin, "mute")), core.Refused)
		wantKind(t, w.NodeIdentify(w.admin, "mute", 1), core.Refused)
		wantKind(t, w.NodeSetBootDevice(w.admin, "mute", "pxe", true), core.Refused)
		must(t, w.NodeSetBootDevice(w.admin, "mute", "pxe", false))
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}
