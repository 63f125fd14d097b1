package cli_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// tin is a switch of a made-up family with the ports p1 to p9. Its answers are those of a console.Session.
type tin struct {
	typed   []string
	mode    string
	entered []string
	ports   map[string]*cli.Port
	vlans   cli.VLANs
	closed  atomic.Bool
	// refuse gives the device's words for a line that it does not do to a port; "" does it.
	refuse func(line, port string) string
	// late are VLANs that are refused when their mode is left; pending is that refusal.
	late    cli.VLANs
	pending error
	// ignore is the index of a line that is taken and not done; 0 is none.
	ignore int
	// lost ends the conversation at this line.
	lost string
	// saying is the answer to "save".
	saying string
}

func newTin() *tin {
	t := &tin{ports: map[string]*cli.Port{}, refuse: func(string, string) string { return "" }}
	for i := range 9 {
		name := fmt.Sprintf("p%d", i+1)
		t.ports[name] = &cli.Port{Name: name, Mode: cli.Trunk, Shut: true}
	}
	return t
}

var _ cli.Terminal = (*tin)(nil)

func (t *tin) Mode() string { return t.mode }
func (t *tin) Alive() bool  { return !t.closed.Load() }
func (t *tin) Close() error { t.closed.Store(true); return nil }

func (t *tin) Answer(ctx context.Context, line string, _ *regexp.Regexp, _ string) (string, error) {
	return t.Run(ctx, line)
}

func (t *tin) Run(ctx context.Context, line string) (string, error) {
	t.typed = append(t.typed, line)
	if ctx.Err() != nil || line == t.lost && t.lost != "" {
		return "", &sdk.Error{Code: sdk.Timeout, Text: "no answer", Retryable: true}
	}
	if t.ignore > 0 && len(t.typed) == t.ignore+1 {
		return "", nil
	}
	if t.mode == "" || strings.HasPrefix(line, "do ") {
		return t.exec(strings.TrimPrefix(line, "do "))
	}
	return t.config(line)
}

func (t *tin) exec(line string) (string, error) {
	switch line {
	case "show":
		return "", nil
	case "save":
		return t.saying, nil
	case "configure":
		t.mode = "config"
		return "Enter lines.\n", nil
	}
	return "", refusal(sdk.Refused, line, "not an exec line")
}

func (t *tin) config(line string) (string, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "end":
		return "", t.leave("")
	case "exit":
		return "", t.leave("config")
	case "vlan":
		return t.vlan(line, rest)
	case "interface":
		return t.enter(line, strings.Fields(rest))
	}
	for _, name := range t.entered {
		if words := t.refuse(line, name); strings.HasPrefix(words, "strange") {
			return words + "\n", nil
		} else if words != "" {
			return "", refusal(sdk.Refused, line, words)
		}
		t.set(t.ports[name], line)
	}
	return "note: done\n", nil
}

// leave goes to another mode, and says what was not said before.
func (t *tin) leave(mode string) error {
	err := t.pending
	t.mode, t.entered, t.pending = mode, nil, nil
	return err
}

func (t *tin) vlan(line, list string) (string, error) {
	if words := t.refuse(line, ""); words != "" {
		return "", refusal(sdk.Refused, line, words)
	}
	err := t.leave("config-vlan")
	some, _ := cli.ParseVLANs(list)
	if bad := some.Minus(some.Minus(t.late)); !bad.Empty() {
		t.pending = refusal(sdk.Refused, line, "late: no VLAN "+bad.String())
	}
	t.vlans = t.vlans.Plus(some)
	return "", err
}

// enter leaves the device where it is if a port is not there.
func (t *tin) enter(line string, names []string) (string, error) {
	for _, name := range names {
		if words := t.refuse(line, name); t.ports[name] == nil || words != "" {
			return "", refusal(sdk.NotFound, line, "no port "+name)
		}
	}
	err := t.leave("config-if")
	t.entered = names
	return "", err
}

func (t *tin) set(p *cli.Port, line string) {
	switch word, list, _ := strings.Cut(line, " "); word {
	case "shutdown":
		p.Shut = true
	case "up":
		p.Shut = false
	case "native":
		p.Native, _ = strconv.Atoi(list)
	case "allow":
		p.Allowed, _ = cli.ParseVLANs(list)
	}
}

func refusal(code sdk.Code, line, words string) *sdk.Error {
	return &sdk.Error{Code: code, Text: fmt.Sprintf("%q: %s", line, words)}
}

// family is that of t.
func (t *tin) family() cli.Family {
	return cli.Family{
		Driver: "switch-tin", Version: "1.0.0", Type: "http://example.com/tin", Title: "Tin",
		Reserved: cli.VLANsOf(4000, 4001),
		Port: func(name string) (string, error) {
			if !strings.HasPrefix(name, "p") {
				return "", &sdk.Error{Code: sdk.Invalid, Text: "must be named as p1"}
			}
			return name, nil
		},
		Read:   t.read,
		Change: change,
		Words: cli.Words{
			Configure: "configure", End: "end", Exit: "exit", Do: "do ",
			CreateVLANs: func(list string) []string { return []string{"vlan " + list} }, ListWidth: 12,
			Interface: func(ports []string) string { return "interface " + strings.Join(ports, " ") }, InterfaceWidth: 24,
			Shut: "shutdown", Open: "up", Harmless: regexp.MustCompile("^note: "),
		},
		Saving: cli.Saving{
			Line: "save", Done: regexp.MustCompile("saved"), Failed: regexp.MustCompile("failed"), Busy: regexp.MustCompile("busy"),
		},
	}
}

func (t *tin) read(ctx context.Context, run cli.Run, names []string, _ cli.Settings) ([]cli.Port, error) {
	if _, err := run(ctx, "show"); err != nil {
		return nil, err
	}
	var ports []cli.Port
	for i := range 9 {
		name := fmt.Sprintf("p%d", i+1)
		if len(names) == 0 || slices.Contains(names, name) {
			ports = append(ports, *t.ports[name])
		}
	}
	return ports, nil
}

func change(from cli.Port, want netswitch.PortState, _ cli.Settings) []string {
	if from.State().Equal(want) {
		return nil
	}
	if !want.Up {
		return []string{"shutdown", "allow", "native 0"}
	}
	if from.Shut && from.Native == want.Native && from.Allowed == cli.VLANsOf(want.VLANs()...) {
		return []string{"up"}
	}
	return []string{"native " + strconv.Itoa(want.Native), "allow " + cli.VLANsOf(want.VLANs()...).String(), "up"}
}

// open gives a session with t; the settings are added to those that are required.
func (t *tin) open(tb testing.TB, f cli.Family, settings string) netswitch.Session {
	tb.Helper()
	d := cli.NewWith(f, func(context.Context, console.Config) (cli.Terminal, error) { return t, nil })
	s, err := d.Open(tb.Context(), target(settings))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func target(settings string) sdk.Target {
	return sdk.Target{Name: "tin", Settings: sdk.Settings(`{"hostname": "sw-1", "username": "admin", "password": "secret"` + settings + "}")}
}

func up(port string, native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: native, Tagged: tagged, Up: true}
}
