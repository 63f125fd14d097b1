package cli_test

import (
	"net/http"
	"strings"
	"testing"
)

const portState = `{"port":"gi1/0/1","device_name":"gi1/0/1","node":"n1","nic":"eth0","wanted":{"native":100,"tagged":[],"up":true},` +
	`"running":{"native":100,"tagged":[],"up":true},"in_order":true,"difference":null,"pending":false,"error":null}`

// checkOf is an answer of switch-check with a port in order and more of them.
func checkOf(inOrder string, more ...string) string {
	return `{"switch":"s","in_order":` + inOrder + `,"unsaved_since":null,"last_error":null,"ports":[` +
		strings.Join(append([]string{portState}, more...), ",") + `]}`
}

func TestCheckOfASwitchInOrder(t *testing.T) {
	t.Parallel()
	answer := checkOf("true")
	f := newFake(t, say(http.StatusOK, answer))
	got := f.run(t, "switch", "check", "s")
	want := "PORT     NODE/NIC  WANTED      RUNNING     STATE\ngi1/0/1  n1/eth0   native 100  native 100  in order\n"
	if got != (outcome{0, want, ""}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	if asked := f.asked(); asked != "GET /v0/switch/s/check" {
		t.Errorf("asked %s", asked)
	}
	if got := newFake(t, say(http.StatusOK, answer)).run(t, "switch", "check", "s", "--json"); got != (outcome{0, answer + "\n", ""}) {
		t.Errorf("as JSON: %+v", got)
	}
}

func TestCheckFailsIfAnythingDiffers(t *testing.T) {
	t.Parallel()
	answer := checkOf("false",
		`{"port":"2","wanted":{"native":null,"tagged":[],"up":false},"running":{"native":1,"tagged":[5,6,7,9],"up":true},"in_order":false,"difference":"carries VLAN 1"}`,
		`{"port":"3","wanted":{"native":null,"tagged":[8],"up":true},"running":{"native":null,"tagged":[],"up":true},"in_order":false,"difference":"VLAN 8 is missing","pending":true}`,
		`{"port":"4","node":"n","nic":"i","in_order":false,"difference":"not there","error":"no such\u001b[2J port"}`,
		`{"port":"5","in_order":false}`)
	answer = strings.Replace(answer, `"unsaved_since":null,"last_error":null`, `"unsaved_since":"2026-01-02T03:04:05Z","last_error":"lost the line"`, 1)
	const failure = "haas switch check: 4 of 5 ports of switch s are not as they should be\n" +
		"the server puts a port back at its next check, and at the next change of the port\n"
	got := newFake(t, say(http.StatusOK, answer)).run(t, "switch", "check", "s")
	if got.status != 1 || got.err != failure {
		t.Errorf("got %+v", got)
	}
	for _, want := range []string{
		"2        -         shut        native 1, tagged 5-7,9  carries VLAN 1\n",
		"3        -         tagged 8    nothing, but up         VLAN 8 is missing; a change is under way\n",
		"4        n/i       -           -                       no such [2J port\n",
		"5        -         -           -                       not in order\n",
		"\nunsaved since 2026-01-0", "\nlast error: lost the line\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in\n%s", want, got.out)
		}
	}
	if got := newFake(t, say(http.StatusOK, answer)).run(t, "switch", "check", "s", "--json"); got != (outcome{1, answer + "\n", failure}) {
		t.Errorf("as JSON: %+v", got)
	}
}

func TestCheckOfAPortThatIsNotThere(t *testing.T) {
	t.Parallel()
	answer := checkOf("false", `{"port":"2","in_order":false,"difference":"not there","error":"not there; delete it"}`)
	got := newFake(t, say(http.StatusOK, answer)).run(t, "switch", "check", "s")
	if got.status != 1 || got.err != "haas switch check: 1 of 2 ports of switch s are not as they should be\n" || !strings.Contains(got.out, "not there; delete it\n") {
		t.Errorf("got %+v", got)
	}
}

func TestStateOfAPort(t *testing.T) {
	t.Parallel()
	got := newFake(t, say(http.StatusOK, portState)).run(t, "port", "state", "s", "gi1/0/1")
	want := "port           gi1/0/1\non the switch  gi1/0/1\nnode           n1\nNIC            eth0\n" +
		"wanted         native 100\nrunning        native 100\nstate          in order\n"
	if got != (outcome{0, want, ""}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
}

func TestTestOfASwitch(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]outcome{
		`{"switch":"s","listed":true,"ports":["a","b"],"missing":[]}`: {0, "ports     2\nmissing   -\n", ""},
		`{"switch":"s","listed":false,"ports":[],"missing":[]}`:       {0, "ports     its driver cannot list them\nmissing   -\n", ""},
		`{"switch":"s","listed":true,"ports":["a"],"missing":["c"]}`:  {1, "ports     1\nmissing   c\n", "haas switch test: switch s does not have the registered ports c;"},
	} {
		got := newFake(t, say(http.StatusOK, answer)).run(t, "switch", "test", "s")
		const reached = "switch s  reached, logged in, running configuration read; nothing changed\n"
		if got.status != want.status || got.out != reached+want.out || !strings.HasPrefix(got.err, want.err) || want.err == "" && got.err != "" {
			t.Errorf("%s gives %+v, want %+v", answer, got, want)
		}
	}
}

func TestTestOfASwitchThatRefuses(t *testing.T) {
	t.Parallel()
	refusal := say(http.StatusBadGateway, `{"type":"SwitchError","msg":"log in to s: Login incorrect"}`)
	got := newFake(t, refusal).run(t, "switch", "test", "s")
	want := "haas switch test: log in to s: Login incorrect\nthat is the device's answer; mend what it names before you try again\n"
	if got != (outcome{1, "", want}) {
		t.Errorf("got %+v, want %s", got, want)
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	const answer = `{"switch":"s","port":"p","lines":["interface p","  no \u001b[2Jshutdown"]}`
	for _, line := range []string{"node network connect n i w --plan", "node network detach n i w --plan", "port revert s p --plan"} {
		if got := newFake(t, say(http.StatusOK, answer)).run(t, strings.Fields(line)...); got != (outcome{0, "interface p\n  no  [2Jshutdown\n", ""}) {
			t.Errorf("%s gives %+v", line, got)
		}
		if got := newFake(t, say(http.StatusOK, answer)).run(t, strings.Fields(line+" --json")...); got != (outcome{0, answer + "\n", ""}) {
			t.Errorf("%s --json gives %+v", line, got)
		}
		// A server that does not know the question has begun.
		if got := newFake(t, switching("PENDING")).run(t, strings.Fields(line)...); got.status != 1 || !strings.Contains(got.err, "haas action show id-1") {
			t.Errorf("%s gives %+v", line, got)
		}
	}
	if got := newFake(t, say(http.StatusOK, `{"switch":"s","port":"p","lines":[]}`)).run(t, "port", "revert", "s", "p", "--plan"); got != (outcome{}) {
		t.Errorf("without lines: %+v", got)
	}
}
