// A program cannot be imported, so its tests are inside.

package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

func open(t testing.TB, section map[string]string) headnode.Session {
	t.Helper()
	d := newDriver()
	if err := d.Configure(t.Context(), section); err != nil {
		t.Fatal(err)
	}
	s, err := d.Open(t.Context(), sdk.Target{Name: "host", Type: typeURL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLifeOfAMachineAcrossRestarts(t *testing.T) {
	t.Parallel()
	section := map[string]string{"state_dir": t.TempDir(), "images": "b, a"}
	spec := headnode.Spec{ID: "h1", Image: "a", NICs: []headnode.NIC{{Label: "eth0", VLAN: 104}}}
	must(t, open(t, section).Create(t.Context(), spec))
	must(t, open(t, section).Create(t.Context(), spec))
	must(t, open(t, section).Create(t.Context(), headnode.Spec{ID: "h2", Image: "b"}))
	must(t, open(t, section).Start(t.Context(), "h1"))
	must(t, open(t, section).Start(t.Context(), "h2"))
	wantState(t, open(t, section), "h1", headnode.State{Running: true, VNCPort: 5900})
	wantState(t, open(t, section), "h2", headnode.State{Running: true, VNCPort: 5901})
	must(t, open(t, section).Stop(t.Context(), "h1"))
	wantState(t, open(t, section), "h1", headnode.State{})
	wantCode(t, open(t, section).Stop(t.Context(), "h1"), sdk.Refused)
	must(t, open(t, section).Delete(t.Context(), "h1"))
	must(t, open(t, section).Delete(t.Context(), "h1"))
	wantCode(t, open(t, section).Start(t.Context(), "h1"), sdk.NotFound)
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]string{"state_dir": t.TempDir()})
	wantCode(t, s.Create(t.Context(), headnode.Spec{ID: "h", Image: "windows"}), sdk.Invalid)
	wantCode(t, s.Create(t.Context(), headnode.Spec{ID: "h", Image: "debian-12", NICs: []headnode.NIC{{VLAN: 4095}}}), sdk.Invalid)
	_, err := s.State(t.Context(), "h")
	wantCode(t, err, sdk.NotFound)
	wantCode(t, newDriver().ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(`{"nom":"x"}`)}), sdk.Invalid)
	for _, uri := range []string{"qemu:///system", "mock:"} {
		wantCode(t, newDriver().ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(`{"uri":"` + uri + `"}`)}), sdk.Invalid)
	}
	must(t, newDriver().ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(`{"uri":"mock:a"}`)}))
	wantCode(t, newDriver().Configure(t.Context(), map[string]string{"images": "a,,b"}), sdk.Invalid)
	wantCode(t, newDriver().Configure(t.Context(), map[string]string{"image": "a"}), sdk.Invalid)
}

func TestImagesAreSorted(t *testing.T) {
	t.Parallel()
	images, err := open(t, map[string]string{"state_dir": t.TempDir(), "images": "b, a, b"}).Images(t.Context())
	if err != nil || len(images) != 2 || images[0].Name != "a" {
		t.Fatalf("%v, %v", images, err)
	}
}

func TestRoomForMachines(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]string{"state_dir": t.TempDir()})
	must(t, s.Create(t.Context(), headnode.Spec{ID: "h", Image: "debian-12"}))
	room, err := s.(headnode.Roomer).Room(t.Context(), "debian-12")
	if want := (headnode.Room{Total: hostMemory, Used: machineMemory, Needed: machineMemory}); err != nil || room != want {
		t.Errorf("%+v, %v; want %+v", room, err, want)
	}
}

func TestAHostThatIsDown(t *testing.T) {
	t.Parallel()
	section := map[string]string{"state_dir": t.TempDir()}
	s := open(t, section)
	must(t, s.Create(t.Context(), headnode.Spec{ID: "h", Image: "debian-12"}))
	down := filepath.Join(section["state_dir"], "headnode-default.json.down")
	must(t, os.WriteFile(down, nil, 0o600))
	wantCode(t, s.Delete(t.Context(), "h"), sdk.Unavailable)
	must(t, os.Remove(down))
	wantState(t, s, "h", headnode.State{})
}

func TestAFailingHostChangesNothing(t *testing.T) {
	t.Parallel()
	section := map[string]string{"state_dir": t.TempDir()}
	sick := map[string]string{"state_dir": section["state_dir"], "fail": "1"}
	wantCode(t, open(t, sick).Create(t.Context(), headnode.Spec{ID: "h", Image: "debian-12"}), sdk.Busy)
	wantCode(t, open(t, section).Start(t.Context(), "h"), sdk.NotFound)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code sdk.Code) {
	t.Helper()
	if !errors.Is(err, &sdk.Error{Code: code}) {
		t.Fatalf("want %v, got %v", code, err)
	}
}

func wantState(t testing.TB, s headnode.Session, id string, want headnode.State) {
	t.Helper()
	got, err := s.State(t.Context(), id)
	if err != nil || got != want {
		t.Fatalf("%s: %+v, %v", id, got, err)
	}
}
