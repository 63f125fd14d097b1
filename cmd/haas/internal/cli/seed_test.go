package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSeeds creates headnodes with what is in files; what cannot be right is not sent.
func TestSeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.pub": "ssh-ed25519 AAAA ann\n", "all": "# of the lab\n\nssh-rsa BBBB bob\nssh-rsa CCCC carl", "data": "#cloud-config\nhush: 1\n",
		"private": "-----BEGIN OPENSSH PRIVATE KEY-----\nhush\n", "none": "# nothing\n", "empty": "", "long": "#!" + strings.Repeat("x", 64<<10),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"--ssh-key DIR/a.pub":                   `{"base_img":"i","project":"p","ssh_keys":["ssh-ed25519 AAAA ann"]}`,
		"--ssh-key DIR/a.pub --ssh-key DIR/all": `{"base_img":"i","project":"p","ssh_keys":["ssh-ed25519 AAAA ann","ssh-rsa BBBB bob","ssh-rsa CCCC carl"]}`,
		"--user-data DIR/data":                  `{"base_img":"i","project":"p","user_data":"#cloud-config\nhush: 1\n"}`,
		"--ssh-key DIR/private":                 "private is a private key; give the public one",
		"--ssh-key DIR/none":                    "none has no SSH key in it",
		"--ssh-key DIR/absent":                  "read SSH keys: open ",
		"--user-data DIR/absent":                "read user data: open ",
		"--user-data DIR/empty":                 "empty is empty",
		"--user-data DIR/long":                  "long is longer than 65536 bytes",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			got := f.run(t, strings.Fields("headnode create h p i "+strings.ReplaceAll(line, "DIR", dir))...)
			if strings.Contains(got.out+got.err, "hush") {
				t.Errorf("a secret is repeated: %+v", got)
			}
			if strings.HasPrefix(want, "{") {
				if got.status != 0 || f.asked() != "PUT /v0/headnode/h "+want {
					t.Errorf("%+v, asked %s", got, f.asked())
				}
				return
			}
			if got.status != 1 || !strings.Contains(got.err, want) || f.asked() != "" {
				t.Errorf("%+v, asked %s, want %s", got, f.asked(), want)
			}
		})
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, want string }{
		"a host": {
			`{"images": [{"name": "a", "available": true, "size": 8589934592, "checksum": "sha256:00", "description": "Debian"},
				{"name": "b", "available": false, "size": null, "checksum": null, "description": null},
				{"name": "c", "available": true, "size": null, "checksum": null, "description": null}], "error": null}`,
			"IMAGE  SIZE     CHECKSUM   DESCRIPTION\n" +
				"a      8.0 GiB  sha256:00  Debian\n" +
				"b      -        -          missing: the host does not have it\n" +
				"c      -        -          -\n",
		},
		"a dead host": {
			`{"images": [{"name": "a", "available": null, "size": null, "checksum": null, "description": null}], "error": "no route"}`,
			"IMAGE  SIZE  CHECKSUM  DESCRIPTION\n" +
				"a      -     -         -\n" +
				"the host was not asked: no route\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newFake(t, say(200, c.answer)).run(t, "headnode", "images")
			if got.status != 0 || got.out != c.want {
				t.Errorf("%d, %s\ngot\n%swant\n%s", got.status, got.err, got.out, c.want)
			}
		})
	}
}
