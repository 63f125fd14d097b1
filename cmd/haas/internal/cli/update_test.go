package cli_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// registered answers for a switch of a type, and takes changes.
func registered(typeURL string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"name":"s","type":"`+typeURL+`","ports":[]}`)
		}
	}
}

// TestUpdateSendsWhatIsGiven changes switches as their drivers describe them, and never a password that nobody gave.
func TestUpdateSendsWhatIsGiven(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"nexus hostname=7 dummy_vlan=2222":      `{"dummy_vlan":2222,"hostname":"7"}`,
		"nexus hostname=7 --password-stdin":     `{"hostname":"7","password":"hush"}`,
		"nexus --password-stdin":                `{"password":"hush"}`,
		"nexus --password-file FILE":            `{"password":"from-file"}`,
		"nexus password@FILE":                   `{"password":"from-file"}`,
		"nexus enable_password@FILE a:=[1]":     `{"a":[1],"enable_password":"from-file"}`,
		"nexus enable_password:=null a:=null":   `{"a":null,"enable_password":null}`,
		"ovs ovs_bridge=br1 on=true":            `{"on":true,"ovs_bridge":"br1"}`,
		"gone hostname=h":                       `{"hostname":"h"}`,
		"gone --password-stdin":                 `{"password":"hush"}`,
		"nexus":                                 "no password: give --password-stdin",
		"nexus password=hush":                   "use --password-file or --password-stdin",
		"gone password=hush":                    "use --password-file or --password-stdin",
		"nexus enable_password:=\"hush\"":       "enable_password@FILE",
		"nexus hush":                            "NAME=TEXT",
		"nexus password@FILE --password-stdin":  "given twice",
		"ovs":                                   "the switch has no password; say which SETTING",
		"ovs --password-stdin":                  "the switch has no password",
		"nexus hostname=h --set hostname=other": "unknown flag: --set",
		"nexus password@/nonexistent":           "read the password",
	} {
		word, arguments, _ := strings.Cut(line, " ")
		f := newFake(t, registered(schema+"switches/"+word))
		f.description = description
		args := strings.Fields("switch update s " + strings.ReplaceAll(arguments, "FILE", file))
		in := ""
		if strings.Contains(line, "stdin") {
			in = "hush\n"
		}
		got := run(t, map[string]string{"HAAS_ENDPOINT": f.url}, in, args...)
		if strings.Contains(got.out+got.err, "hush") || strings.Contains(got.err, "from-file") {
			t.Errorf("%s repeats a secret: %+v", line, got)
		}
		sent := strings.TrimPrefix(strings.TrimPrefix(f.asked(), "GET /v0/switch/s"), "\n")
		if refused := !strings.HasPrefix(want, "{"); refused {
			if got.status != 1 || !strings.Contains(got.err, want) || sent != "" {
				t.Errorf("%s gives %+v, sent %s, want %s", line, got, sent, want)
			}
			continue
		}
		if got != (outcome{}) || sent != "POST /v0/switch/s/settings "+want {
			t.Errorf("%s gives %+v, sent\n%s, want\n%s", line, got, sent, want)
		}
	}
}

func TestUpdateOfAMissingSwitch(t *testing.T) {
	t.Parallel()
	f := newFake(t, say(http.StatusNotFound, `{"type":"NotFoundError","msg":"switch \"s\" does not exist"}`))
	got := run(t, map[string]string{"HAAS_ENDPOINT": f.url}, "hush\n", "switch", "update", "s", "--password-stdin")
	if got.status != 1 || !strings.Contains(got.err, `switch "s" does not exist`) || f.asked() != "GET /v0/switch/s" {
		t.Errorf("got %+v, asked %s", got, f.asked())
	}
}
