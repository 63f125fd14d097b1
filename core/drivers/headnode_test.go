package drivers_test

import (
	"context"
	"io"
	"testing"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// TestAbilitiesOfHostsPassThrough uses each optional ability of a session with a host once.
func TestAbilitiesOfHostsPassThrough(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	install(t, dir, "headnode-mock")
	m := start(t, drivers.Config{Dir: dir, Sections: map[string]map[string]string{"headnode-mock": {"state_dir": t.TempDir()}}})
	const typeURL, id = "http://schema.massopencloud.org/haas/v0/headnodes/mock", "headnode-1"
	d, err := m.Headnode(typeURL)
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Name: "n", Type: typeURL, Settings: sdk.Settings("{}")})
	must(t, err)
	images, err := s.Images(t.Context())
	must(t, err)
	must(t, s.Create(t.Context(), headnode.Spec{ID: id, Image: images[0].Name, NICs: []headnode.NIC{{Label: "eth0"}}}))
	must(t, s.Start(t.Context(), id))
	must(t, s.(headnode.Plugger).Plug(t.Context(), id, headnode.NIC{Label: "eth0", VLAN: 7}))
	if room, err := s.(headnode.Roomer).Room(t.Context(), images[0].Name); err != nil || room.Used == 0 {
		t.Errorf("room: %+v, %v", room, err)
	}
	must(t, s.(headnode.Seeder).CreateSeeded(t.Context(), headnode.Spec{ID: "headnode-2", Image: images[0].Name}, headnode.Seed{Hostname: "h2"}))
	must(t, s.Start(t.Context(), "headnode-2"))
	for name, open := range map[string]func(context.Context, string) (io.ReadWriteCloser, error){
		"console": s.(headnode.Consoler).Console, "taken console": s.(headnode.ConsoleTaker).TakeConsole, "screen": s.(headnode.Screener).Screen,
	} {
		stream, err := open(t.Context(), id)
		must(t, err)
		if n, err := stream.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		must(t, stream.Close())
	}
}
