package service_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// key is a public key, always the same.
func key(t *testing.T) string {
	t.Helper()
	public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	must(t, err)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}

func TestBadSeedsAreRefused(t *testing.T) {
	t.Parallel()
	good := key(t)
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			seed        service.HeadnodeSeed
			field, want string
		}{
			"no key":          {service.HeadnodeSeed{SSHKeys: []string{good, "ssh-ed25519 hush"}}, "ssh_keys[1]", "known type; give the one line of a public key file"},
			"unknown type":    {service.HeadnodeSeed{SSHKeys: []string{strings.Replace(good, "ssh-ed25519", "ssh-hush", 1)}}, "ssh_keys[0]", "known type"},
			"empty key":       {service.HeadnodeSeed{SSHKeys: []string{" "}}, "ssh_keys[0]", "known type"},
			"two lines":       {service.HeadnodeSeed{SSHKeys: []string{good + "\n" + good}}, "ssh_keys[0]", "several lines"},
			"a private key":   {service.HeadnodeSeed{SSHKeys: []string{"-----BEGIN OPENSSH PRIVATE KEY-----\nhush"}}, "ssh_keys[0]", "must stay secret"},
			"options":         {service.HeadnodeSeed{SSHKeys: []string{`command="hush" ` + good}}, "ssh_keys[0]", "without options"},
			"a long key":      {service.HeadnodeSeed{SSHKeys: []string{good + strings.Repeat(" hush", 4<<10)}}, "ssh_keys[0]", "longer than 16384"},
			"many keys":       {service.HeadnodeSeed{SSHKeys: make([]string, 101)}, "ssh_keys", "at most 100"},
			"no form":         {service.HeadnodeSeed{UserData: "password: hush"}, "user_data", "must begin with one of: #cloud-config, #!"},
			"form comes late": {service.HeadnodeSeed{UserData: "\n#cloud-config hush"}, "user_data", "first line"},
			"long user data":  {service.HeadnodeSeed{UserData: sdk.Secret("#!" + strings.Repeat("hush", 16<<10))}, "user_data", "at most 65536"},
		} {
			err := w.HeadnodeCreate(w.u1, "new", "p1", "img1", c.seed)
			e, ok := errors.AsType[*core.Error](err)
			if !ok || e.Kind != core.BadArgument || e.Field != c.field || !strings.Contains(e.Text, c.want) || strings.Contains(e.Text, "hush") {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantKind(t, w.HeadnodeDelete(w.u1, "new"), core.NotFound)
	})
}

func TestASeedReachesTheHost(t *testing.T) {
	t.Parallel()
	good := key(t)
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			given service.HeadnodeSeed
			want  *headnode.Seed
		}{
			"none": {service.HeadnodeSeed{SSHKeys: []string{}}, nil},
			"Both of_them": {
				service.HeadnodeSeed{SSHKeys: []string{good + " ann ", good}, UserData: "#!/bin/sh\n"},
				&headnode.Seed{Hostname: "both-of-them", SSHKeys: []string{good + " ann", good}, UserData: "#!/bin/sh\n"},
			},
			"keys": {service.HeadnodeSeed{SSHKeys: []string{good}}, &headnode.Seed{Hostname: "keys", SSHKeys: []string{good}}},
			"data": {service.HeadnodeSeed{UserData: "content-type: MULTIPART/mixed"}, &headnode.Seed{Hostname: "data", UserData: "content-type: MULTIPART/mixed"}},
		} {
			must(t, w.HeadnodeCreate(w.u1, name, "p1", "img1", c.given))
			must(t, w.HeadnodeStart(w.u1, name))
			id := "headnode-" + get(w.HeadnodeShow(w.u1, name))(t).UUID
			got, seeded := w.host.seeds[id]
			if seeded != (c.want != nil) || c.want != nil && !reflect.DeepEqual(got, *c.want) {
				t.Errorf("%s: the host was given %t, %#v", name, seeded, got)
			}
			must(t, w.HeadnodeDelete(w.u1, name))
		}
	})
}

// seedless is a host whose driver knows no seeds.
type seedless struct{ headnode.Driver }

func (s seedless) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	session, err := s.Driver.Open(ctx, target)
	return struct{ headnode.Session }{session}, err
}

func TestADriverWithoutSeedsMakesNoMachine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.Service.Drivers = drivers.Static{Headnodes: []headnode.Driver{seedless{w.host}}}
		must(t, w.HeadnodeCreate(w.u1, "new", "p1", "img1", service.HeadnodeSeed{UserData: "#!hush"}))
		err := w.HeadnodeStart(w.u1, "new")
		wantKind(t, err, core.Refused)
		if !strings.Contains(err.Error(), "create it without them") || strings.Contains(err.Error(), "hush") || len(w.host.specs()) != 0 {
			t.Errorf("%v, made %v", err, w.host.specs())
		}
		must(t, w.HeadnodeDelete(w.u1, "new"))
	})
}

func TestImageDetails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		there := headnode.Image{Name: "img1", Description: "Debian", Size: 7, Checksum: "sha256:00"}
		w.host.images = []headnode.Image{{Name: "another"}, there}
		want := service.HeadnodeImages{Images: []service.HeadnodeImage{{Image: there, Available: true}, {Image: headnode.Image{Name: "img2"}}}}
		if got := get(w.HeadnodeImageDetails(w.nobody))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		w.host.images = nil
		w.host.fail(&sdk.Error{Code: sdk.Unavailable, Text: "no route"})
		want = service.HeadnodeImages{Images: []service.HeadnodeImage{{Image: headnode.Image{Name: "img1"}}, {Image: headnode.Image{Name: "img2"}}}, Trouble: "no route"}
		if got := get(w.HeadnodeImageDetails(w.u2))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
