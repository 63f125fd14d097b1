// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

func read(t testing.TB, w map[string]any) (settings, error) {
	t.Helper()
	raw, err := json.Marshal(w)
	must(t, err)
	return readSettings(sdk.Target{Settings: raw})
}

func TestDefaultsAreThoseOfThePredecessor(t *testing.T) {
	t.Parallel()
	s, err := read(t, map[string]any{"uri": "qemu:///system", "network": "bridges", "trunk_nic": "eno1"})
	must(t, err)
	want := settings{pool: "haas_headnodes", network: "bridges", trunk: "eno1", memory: 2048, cpus: 2, silence: time.Minute}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func TestURIs(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]endpoint{
		"qemu:///system":                       {},
		"qemu+unix:///system":                  {},
		"qemu:///system?socket=/run/a%20b":     {socket: "/run/a b"},
		"qemu+unix:///system?socket=/run/x":    {socket: "/run/x"},
		"qemu+tls://host1/system":              {address: "host1:16514"},
		"qemu://host1:99/system":               {address: "host1:99"},
		"qemu+tls://[2001:db8::1]:4000/system": {address: "[2001:db8::1]:4000"},
		"qemu+ssh://root@host1/system":         {address: "host1:22", user: "root"},
		"qemu+ssh://a@[2001:db8::1]:4/system":  {address: "[2001:db8::1]:4", user: "a"},
		"qemu+ssh://a@h/system?socket=/run/x":  {address: "h:22", user: "a", socket: "/run/x"},
	} {
		if e, err := parseURI(uri); err != nil || !reflect.DeepEqual(e, want) {
			t.Errorf("%s: %+v, %v", uri, e, err)
		}
	}
	for _, uri := range []string{
		"", "qemu", "qemu:///session", "test:///default", "qemu+ssh://host1/system", "qemu+ssh://root:secret@host1/system", "qemu+ssh://root@/system",
		"qemu+ssh://root@host1/system?command=sh", "qemu+ssh://root@host1/session", "qemu+tcp://host1/system", "qemu+tls:///system",
		"qemu+tls://root@host1/system", "qemu+tls://a:b@host1/system", "qemu+tls://host1/system?no_verify=1", "qemu+unix://host1/system",
		"qemu:///system?socket=here", "qemu:///system?mode=direct", "qemu:///system#x", "http://host1/system", "qemu:///system%zz",
	} {
		if e, err := parseURI(uri); err == nil {
			t.Errorf("%s is taken for %+v", uri, e)
		}
	}
}

// TestBadSettings wants exactly the wrong members to be named.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	good := map[string]any{"uri": "qemu:///system", "network": "openvswitch", "bridge": "br0"}
	for name, c := range map[string]struct {
		change map[string]any
		want   []string
	}{
		"nothing":                      {map[string]any{}, nil},
		"a URI that is none":           {map[string]any{"uri": "x"}, []string{"uri"}},
		"a domain type that is none":   {map[string]any{"domain_type": "xen"}, []string{"domain_type"}},
		"a pool that cannot be":        {map[string]any{"pool": "a/b"}, []string{"pool"}},
		"a network that is none":       {map[string]any{"network": "vxlan"}, []string{"network"}},
		"a bridge that is too long":    {map[string]any{"bridge": "br-0123456789012"}, []string{"bridge"}},
		"a bridge that is none":        {map[string]any{"bridge": "a'b"}, []string{"bridge"}},
		"no bridge":                    {map[string]any{"bridge": ""}, []string{"bridge"}},
		"what belongs to bridges":      {map[string]any{"trunk_nic": "eno1"}, []string{"trunk_nic"}},
		"bridges without a trunk":      {map[string]any{"network": "bridges"}, []string{"bridge", "trunk_nic"}},
		"little memory":                {map[string]any{"memory": 15}, []string{"memory"}},
		"no processors":                {map[string]any{"cpus": 0}, []string{"cpus"}},
		"no time":                      {map[string]any{"timeout": "1ms"}, []string{"timeout"}},
		"a time that is none":          {map[string]any{"timeout": "soon"}, []string{"timeout"}},
		"what other hosts need":        {map[string]any{"certificate": "x", "private_key": "y", "ssh_key": "z", "known_hosts": "."}, nil},
		"no key for SSH":               {map[string]any{"uri": "qemu+ssh://a@h/system"}, []string{"known_hosts", "ssh_key"}},
		"no certificates":              {map[string]any{"uri": "qemu+tls://h/system"}, []string{"ca_certificate", "private_key"}},
		"several at once":              {map[string]any{"uri": "x", "pool": "", "cpus": 0}, []string{"cpus", "pool", "uri"}},
		"a setting that is none":       {map[string]any{"hypervisor": "x"}, []string{"hypervisor"}},
		"a setting of the wrong type":  {map[string]any{"memory": "2G"}, []string{"memory"}},
		"a setting that must be given": {map[string]any{"uri": ""}, []string{"uri"}},
		"settings that must be given":  {map[string]any{"uri": "", "network": ""}, []string{"uri", "network"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := maps.Clone(good)
			maps.Copy(all, c.change)
			_, err := read(t, all)
			var fields []string
			if e, ok := errors.AsType[*sdk.Error](err); ok {
				for _, f := range e.Fields {
					fields = append(fields, f.Field)
				}
			}
			if !slices.Equal(fields, c.want) {
				t.Errorf("%v; want complaints about %v", err, c.want)
			}
		})
	}
}

func FuzzURI(f *testing.F) {
	f.Add("qemu+unix:///system?socket=/run/x")
	f.Add("qemu+tls://[::1]:1/system")
	f.Fuzz(func(t *testing.T, uri string) {
		if e, err := parseURI(uri); err == nil && e.local() != (e.address == "") {
			t.Errorf("%q became %+v", uri, e)
		}
	})
}
