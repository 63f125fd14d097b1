package server_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// somebodysKey is a public key.
const somebodysKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann"

// TestASeedReachesTheMachine has ann create a headnode with SSH keys and user data. The machine is told; nobody else is.
func TestASeedReachesTheMachine(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		const secret = "#cloud-config\n# the secret is xyzzy\n"
		body := func(more string) string { return `{"project": "p1~", "base_img": "base-headnode", ` + more + `}` }
		for more, want := range map[string]string{
			`"ssh_keys": ["` + somebodysKey + `", "nonsense"]`: "ssh_keys[1]",
			`"ssh_keys": "` + somebodysKey + `"`:               "body.ssh_keys",
			`"ssh_keys": null`:                                 "body.ssh_keys",
			`"user_data": "echo hello"`:                        "#cloud-config",
			`"user_data": 5`:                                   "body.user_data",
		} {
			if got := s.ann.do("PUT", "/headnode/h~", body(more)); got.Status != 400 || !strings.Contains(got.Body, want) {
				t.Errorf("%s is answered %d %s", more, got.Status, got.Body)
			}
		}
		s.ann.empty("PUT", "/headnode/h~", body(fmt.Sprintf(`"ssh_keys": [%q], "user_data": %q`, somebodysKey, secret)))
		s.ann.empty("POST", "/headnode/h~/start", "")
		shown := s.ann.ok("GET", "/headnode/h~", "")
		if strings.Contains(shown.Body, "xyzzy") || strings.Contains(shown.Body, "ssh") {
			t.Errorf("the seed is shown: %s", shown.Body)
		}
		machine := "headnode-" + shown.JSON(t)["uuid"].(string)
		want := map[string]any{
			"hostname": strings.ToLower(s.named("h~")), "ssh_keys": []any{somebodysKey},
			"user_data_sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(secret))),
		}
		if got := seedAt(t, h, machine); !reflect.DeepEqual(got, want) {
			t.Errorf("the machine was told %v, want %v", got, want)
		}
		s.ann.empty("DELETE", "/headnode/h~", "")
	})
}

// seedAt is what the mock host keeps of a machine's seed.
func seedAt(t *testing.T, h *house, machine string) map[string]any {
	t.Helper()
	var host struct {
		Machines map[string]struct{ Seed map[string]any }
	}
	text, err := os.ReadFile(filepath.Join(h.site.State, "headnode-default.json"))
	if err == nil {
		err = json.Unmarshal(text, &host)
	}
	if err != nil {
		t.Fatal(err)
	}
	return host.Machines[machine].Seed
}

// TestImageDetailsOfTheServer has a host that lacks one of the images.
func TestImageDetailsOfTheServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "", servertest.Sections{"headnode-mock": {"images": "debian-12"}})
	for _, path := range []string{"/headnode_images/details", "/v0/headnode_images/details"} {
		images, _ := h.As("bob", "bobs-password").OK(t, "GET", path, "").JSON(t)["images"].([]any)
		if len(images) != 2 {
			t.Fatalf("%s: %v", path, images)
		}
		missing, there := images[0].(map[string]any), images[1].(map[string]any)
		if missing["name"] != "base-headnode" || missing["available"] != false || missing["size"] != nil {
			t.Errorf("%s: %v", path, missing)
		}
		if there["name"] != "debian-12" || there["available"] != true || there["size"] != float64(8<<30) {
			t.Errorf("%s: %v", path, there)
		}
	}
}
