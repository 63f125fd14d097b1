// A program cannot be imported, so its tests are inside.

package main

import (
	"regexp"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestPrompts(t *testing.T) {
	t.Parallel()
	p := dialect().Prompt
	for line, want := range map[string][3]string{
		"TEST-12345# ":          {"TEST-12345", "", "#"},
		"n5k.lab_1(config)# ":   {"n5k.lab_1", "config", "#"},
		"sw(config-if-range)# ": {"sw", "config-if-range", "#"},
		"sw(config-vlan)#":      {"sw", "config-vlan", "#"},
		"sw> ":                  {"sw", "", ">"},
	} {
		m := p.FindStringSubmatch(line)
		if m == nil || [3]string(m[1:]) != want {
			t.Errorf("%q: %q, want %q", line, m, want)
		}
	}
	for _, line := range []string{"", "# ", "sw # ", "  description sw# ", "sw(config", "sw# show"} {
		if p.MatchString(line) {
			t.Errorf("%q is no prompt", line)
		}
	}
}

func TestNoise(t *testing.T) {
	t.Parallel()
	n := dialect().Noise
	for _, line := range []string{
		"2021 Jul  5 17:27:50 sw %ETHPORT-5-IF_DOWN_CFG_CHANGE: Interface Ethernet1/3 is down(Config change)",
		"2021 Jul 15 17:27:50.123 sw %ETHPORT-5-IF_ADMIN_UP: Interface Ethernet1/8 is admin up .",
		"Jul  5 17:27:50 sw %VSHD-5-VSHD_SYSLOG_CONFIG_I: Configured from vty by admin on 10.0.0.1@pts/0",
		"2013 Nov  9 10:00:00 sw %$ VDC-1 %$ %ETHPORT-5-SPEED: Interface Ethernet1/1, operational speed changed",
		"sw# 2021 Jul  5 17:27:50 sw %ETHPORT-5-IF_DOWN_ADMIN_DOWN: Interface Ethernet1/3 is down",
	} {
		at := n.FindStringIndex(line)
		if at == nil || at[1] != len(line) || (at[0] != 0 && line[:at[0]] != "sw# ") {
			t.Errorf("%q: %v", line, at)
		}
	}
	for _, line := range []string{"!Time: Mon Dec  4 20:00:19 2017", "% Invalid command at '^' marker.", "ERROR: VLAN 5 is reserved"} {
		if n.MatchString(line) {
			t.Errorf("%q is no noise", line)
		}
	}
}

func TestErrorWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]sdk.Code{
		"% Invalid command at '^' marker.":                    sdk.Refused,
		"% Incomplete command at '^' marker.":                 sdk.Refused,
		"% Ambiguous command at '^' marker.":                  sdk.Refused,
		"% Invalid value/range at '^' marker.":                sdk.Refused,
		"Invalid range at '^' marker.":                        sdk.NotFound,
		"Invalid interface format at '^' marker.":             sdk.NotFound,
		"% Permission denied for the role":                    sdk.Refused,
		"ERROR: VLAN 3968 is reserved":                        sdk.Refused,
		"ERROR: copy in progress, try again later":            sdk.Busy,
		"% String exceeded max length of (32) at '^' marker.": sdk.Refused,
	} {
		if code, ok := codeOf(line); !ok || code != want {
			t.Errorf("%q: %v, %v; want %v", line, code, ok, want)
		}
	}
	for _, line := range []string{
		"  description % Invalid ERROR: x", "[########################################] 100%", "Copy complete.", "version 7.3(13)N1(1)",
		"Enter configuration commands, one per line. End with CNTL/Z.",
	} {
		if code, ok := codeOf(line); ok {
			t.Errorf("%q is %v", line, code)
		}
	}
}

func codeOf(line string) (sdk.Code, bool) {
	for _, e := range dialect().Errors {
		if e.Words.MatchString(line) {
			return e.Code, true
		}
	}
	return 0, false
}

func TestSavingWords(t *testing.T) {
	t.Parallel()
	saving := nexus().Saving
	good := func(text string) bool { return saving.Done.MatchString(text) && !saving.Failed.MatchString(text) }
	for text, want := range map[string]bool{
		"[########################################] 100%\nCopy complete, now saving to disk (please wait)...\nCopy complete.\n": true,
		"[########################################] 100%\n":                                                                     true,
		"[#####                                   ] 10%\n":                                                                      false,
		"": false,
		"[########################################] 100%\nConfiguration update aborted: copy failed\n": false,
	} {
		if got := good(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !regexp.MustCompile("(?i)" + busyWords).MatchString("Configuration copy in progress, please try again") {
		t.Error("a busy switch is not recognised")
	}
}
