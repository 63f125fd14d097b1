package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// description is as much of openapi.json as tells of devices.
const description = `{"components": {"schemas": {
	"SwitchRegistration": {"discriminator": {"mapping": {
		"` + schema + `switches/nexus": "#/components/schemas/SwitchNexus",
		"` + schema + `switches/ovs": "#/components/schemas/SwitchOvs",
		"http://x/a/fabric": "#/components/schemas/SwitchFabric",
		"http://x/b/fabric": "#/components/schemas/SwitchFabric2",
		"http://x/b/tiger": "#/components/schemas/SwitchTiger"
	}}},
	"SwitchNexus": {"properties": {
		"type": {"type": "string"},
		"hostname": {"type": "string", "title": "Address"},
		"password": {"type": "string", "writeOnly": true},
		"enable_password": {"type": "string", "writeOnly": true},
		"dummy_vlan": {"type": "integer", "description": "A VLAN"}
	}},
	"SwitchOvs": {"properties": {"ovs_bridge": {"type": "string"}, "any": {"type": ["string", "integer"]}, "on": {"type": "boolean"}}},
	"SwitchTiger": {"properties": {"token": {"type": "string", "writeOnly": true}}},
	"NodeOBM": {"discriminator": {"mapping": {"` + schema + `obm/ipmi": "#/components/schemas/OBMIpmi"}}}
}}}`

// TestRegisterFollowsTheDriver registers switches as their drivers describe them.
func TestRegisterFollowsTheDriver(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nexus := `"type":"` + schema + `switches/nexus"`
	for line, want := range map[string]string{
		"nexus hostname=7 dummy_vlan=2222 --password-stdin":      `{"dummy_vlan":2222,"hostname":"7","password":"hush",` + nexus + `}`,
		"nexus dummy_vlan=many --password-stdin":                 `{"dummy_vlan":"many","password":"hush",` + nexus + `}`,
		"nexus password@FILE enable_password@FILE":               `{"enable_password":"from-file","password":"from-file",` + nexus + `}`,
		"--type nexus --set dummy_vlan=1 --password-file FILE":   `{"dummy_vlan":1,"password":"from-file",` + nexus + `}`,
		"ovs ovs_bridge=br0 any=5 on=true":                       `{"any":"5","on":true,"ovs_bridge":"br0","type":"` + schema + `switches/ovs"}`,
		"ovs --password-stdin":                                   `{"password":"hush","type":"` + schema + `switches/ovs"}`,
		"tiger":                                                  `{"type":"http://x/b/tiger"}`,
		"http://x/a/fabric a=b":                                  `{"a":"b","type":"http://x/a/fabric"}`,
		"http://elsewhere/unknown a=1 --no-password":             `{"a":"1","type":"http://elsewhere/unknown"}`,
		schema + "switches/nexus hostname=a@b=c:d --no-password": `{"hostname":"a@b=c:d",` + nexus + `}`,
		"nexus hush u x":                                         "exactly 4 arguments",
		"nexus hostname=7":                                       "no password: give",
		"tiger token=hush":                                       "token@FILE",
		"fabric":                                                 "write one of http://x/a/fabric, http://x/b/fabric",
		"lion":                                                   `no driver that runs serves the type "lion"; there are http://x/a/fabric, http://x/b/fabric, http://x/b/tiger, nexus, ovs`,
	} {
		f := newFake(t, nil)
		f.description = description
		args := strings.Fields("switch register s " + strings.ReplaceAll(line, "FILE", file))
		if !strings.HasPrefix(want, "{") {
			args = strings.Fields("switch register s " + line)
		}
		got := run(t, map[string]string{"HAAS_ENDPOINT": f.url}, "hush\n", args...)
		if strings.Contains(got.out+got.err, "hush") {
			t.Errorf("%s repeats a secret: %+v", line, got)
		}
		if refused := !strings.HasPrefix(want, "{"); refused {
			if got.status != 1 || !strings.Contains(got.err, want) || f.asked() != "" {
				t.Errorf("%s gives %+v, asked %s, want %s", line, got, f.asked(), want)
			}
			continue
		}
		if asked := f.asked(); got.status != 0 || asked != "PUT /v0/switch/s "+want {
			t.Errorf("%s gives %+v, asked\n%s, want\n%s", line, got, asked, want)
		}
	}
}
