package headnodes_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestHeadnode goes through what a tenant does with a headnode.
func TestHeadnode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	machine := s.headnode(t, "h1")
	s.screenIs(t, "h1", true)
	s.isOn(t, machine, "running")
	t.Run("on its screen", func(t *testing.T) { s.inBrowser(t, "h1") })
	s.watched(t, "h1")
	s.screenIs(t, "h1", false)
	s.isOn(t, machine, "shut off")
	s.ann.OK(t, "POST", "/v0/headnode/h1/start", "")
	s.isOn(t, machine, "running")
	s.replugged(t, machine)
	s.ann.OK(t, "DELETE", "/v0/headnode/h1", "")
	s.ann.OK(t, "DELETE", "/v0/network/net-h1", "")
	s.isGone(t, machine)
}

// replugged moves the card of h1, which runs, off its network and back.
func (s *site) replugged(t *testing.T, machine string) {
	t.Helper()
	const nic = "/v0/headnode/h1/hnic/eth0/"
	if got := s.tags(t, machine); got[0] == "4095" || got[0] != got[1] {
		t.Errorf("before, its card is on VLAN %v, and at its next start", got)
	}
	before := s.tags(t, machine)
	if got := s.ann.Do(t, "POST", nic+"detach_network", ""); got.Status != http.StatusConflict {
		t.Errorf("without live it is answered %d", got.Status)
	}
	s.ann.OK(t, "POST", nic+"detach_network?live=true", "")
	if got := s.tags(t, machine); got != [2]string{"4095", "4095"} {
		t.Errorf("detached, its card is on VLAN %v", got)
	}
	s.ann.OK(t, "POST", nic+"connect_network?live=true", `{"network": "net-h1"}`)
	if got := s.tags(t, machine); got != before {
		t.Errorf("connected again, its card is on VLAN %v, want %v", got, before)
	}
}

// vlanTag is the VLAN of a card in a machine's description.
var vlanTag = regexp.MustCompile(`<tag id='(\d+)'`)

// tags are the VLANs of a machine's card, as it runs and as it will be started.
func (s *site) tags(t *testing.T, machine string) (tags [2]string) {
	t.Helper()
	for i, of := range [][]string{{"dumpxml", machine}, {"dumpxml", "--inactive", machine}} {
		if found := vlanTag.FindStringSubmatch(s.host.MustVirsh(t, of...)); found != nil {
			tags[i] = found[1]
		}
	}
	return tags
}

// screenIs wants the headnode to have a port for its screen, or none.
func (s *site) screenIs(t *testing.T, name string, want bool) {
	t.Helper()
	if port, has := s.shown(t, name)["vncport"].(string); has != want || want && !strings.HasPrefix(port, "59") {
		t.Errorf("the port of its screen is %q", port)
	}
}

func (s *site) isOn(t *testing.T, machine, want string) {
	t.Helper()
	if got := s.host.MustVirsh(t, "domstate", machine); got != want {
		t.Errorf("the machine is %s, want %s", got, want)
	}
}

// TestWrongSettings wants a server whose headnodes have a wrong host to say at once where that is written.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changes   map[string]string
		key, want string
	}{
		"a URI that is none":           {map[string]string{"libvirt_endpoint": "xen:///"}, "libvirt_endpoint", "must be qemu:///system"},
		"a link that is none":          {map[string]string{"trunk_nic": "a/b"}, "trunk_nic", "must be the name of the link"},
		"a key of the other way":       {map[string]string{"bridge": "br0"}, "bridge", "belongs to network openvswitch"},
		"a pool that is none":          {map[string]string{"pool": "a/b"}, "pool", "must be the name of a storage pool"},
		"a file without a key":         {map[string]string{"libvirt_endpoint": "qemu+ssh://a@h/system", "ssh_key": "key.pem"}, "ssh_key", "must be given for ssh"},
		"a file without a certificate": {map[string]string{"libvirt_endpoint": "qemu+tls://h/system", "tls_ca": "site.pem"}, "tls_ca", "must be given for tls, as PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := map[string]string{"libvirt_endpoint": "qemu:///system", "trunk_nic": "eth0"}
			maps.Copy(keys, c.changes)
			for key, name := range keys {
				if path := filepath.Join(t.TempDir(), name); strings.HasSuffix(name, ".pem") {
					must(t, os.WriteFile(path, []byte("nothing"), 0o600))
					keys[key] = path
				}
			}
			home := servertest.NewSite(t, "", servertest.Sections{"headnode": keys})
			err := home.StartInVain(t)
			if want := fmt.Sprintf("%s:%d: [headnode] %s: %s", home.Config, lineOf(t, home, c.key), c.key, c.want); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// lineOf is the line of the site's haas.cfg on which a key stands.
func lineOf(t *testing.T, home *servertest.Site, key string) int {
	t.Helper()
	text, err := os.ReadFile(home.Config)
	must(t, err)
	return 1 + slices.IndexFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.HasPrefix(line, key+" =") })
}

// TestMissingSettings wants a server without a whole description of its host to serve all but headnodes.
func TestMissingSettings(t *testing.T) {
	t.Parallel()
	home := servertest.NewSite(t, "", servertest.Sections{"headnode": {"base_imgs": "i", "libvirt_endpoint": "qemu:///system"}})
	home.CreateAdmin(t, "root", "secret")
	server := home.Start(t)
	if said := server.Log.String(); !strings.Contains(said, home.Config+": [headnode] trunk_nic: must be the name of the link") {
		t.Errorf("the log does not say what is missing: %s", said)
	}
	root := server.As("root", "secret")
	root.OK(t, "PUT", "/v0/project/p1", "")
	root.OK(t, "PUT", "/v0/headnode/h1", `{"project": "p1", "base_img": "i"}`)
	if got := root.Do(t, "POST", "/v0/headnode/h1/start", ""); got.Status/100 == 2 || !strings.Contains(got.Body, "trunk_nic") {
		t.Errorf("starting is answered %d %s", got.Status, got.Body)
	}
	root.OK(t, "DELETE", "/v0/headnode/h1", "")
}
