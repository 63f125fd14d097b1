// A program cannot be imported, so its tests are inside.

package main

import (
	"regexp"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestPrompts(t *testing.T) {
	t.Parallel()
	prompt := dialect().Prompt
	for text, want := range map[string][3]string{
		"console#":                    {"console", "", "#"},
		"console>":                    {"console", "", ">"},
		"console(config)#":            {"console", "config", "#"},
		"console(config-if)#":         {"console", "config-if", "#"},
		"sw-07.lab(config-if-range)#": {"sw-07.lab", "config-if-range", "#"},
	} {
		m := prompt.FindStringSubmatch(text)
		if m == nil || [3]string(m[1:]) != want {
			t.Errorf("%q: %q", text, m)
		}
	}
	for _, text := range []string{"", "#", "User Name:", "% Unrecognized command", "console(config)# vlan", "gi1/0/1  #", "More: <space>"} {
		if m := prompt.FindStringSubmatch(text); m != nil {
			t.Errorf("%q: %q", text, m)
		}
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	d := dialect()
	for text, question := range map[string]*regexp.Regexp{
		"User Name:": d.Username,
		"Password:":  d.Password,
		"More: <space>,  Quit: q or CTRL+Z, One line: <return> ":          d.Pager,
		"More: <space>,  Quit: q, One line: <return>":                     d.Pager,
		"Overwrite file [startup-config] ?[Yes/press any key for no]....": saving().Question,
		"Overwrite file [startup-config].... (Y/N)[N] ?":                  saving().Question,
	} {
		if !question.MatchString(text) {
			t.Errorf("%q is not recognised", text)
		}
	}
	for _, text := range []string{"Copy succeeded\n", "\nCopy succeeded", "Copy: 2016 bytes copied in 00:00:08 [hh:mm:ss]\n\nCopy succeeded\n"} {
		if !saving().Done.MatchString(text) {
			t.Errorf("%q is not recognised", text)
		}
	}
	for _, text := range []string{"", "Copy failed", "The copy operation has failed", "Not copied"} {
		if saving().Done.MatchString(text) {
			t.Errorf("%q is taken for success", text)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sdk.Code{
		"% Unrecognized command":        sdk.Refused,
		"% Incomplete command":          sdk.Refused,
		"% Ambiguous command":           sdk.Refused,
		"% bad parameter value":         sdk.Refused,
		"% missing mandatory parameter": sdk.Refused,
		"% Wrong number of parameters or invalid range, size or characters entered": sdk.Refused,
		"VLAN was not created by user.":                                             sdk.Refused,
		"Port is not in Layer-2 mode":                                               sdk.Refused,
		"Configuration Database locked by another application - try later":          sdk.Busy,
	} {
		code, retryable, found := refusal(text)
		if !found || code != want || retryable != (want == sdk.Busy) {
			t.Errorf("%q: %v, %v, %v", text, code, retryable, found)
		}
	}
	for _, text := range []string{" description \"% VLAN was not created by user.\"", "Copy succeeded", "Trunking VLANs Enabled: 1511", "gi1/0/1  1G-Copper"} {
		if code, _, found := refusal(text); found {
			t.Errorf("%q: %v", text, code)
		}
	}
}

// refusal is the first pattern that matches a line.
func refusal(line string) (code sdk.Code, retryable, found bool) {
	for _, p := range errorPatterns() {
		if p.Words.MatchString(line) {
			return p.Code, p.Retryable, true
		}
	}
	return 0, false, false
}

func TestLogLinesAreNoise(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"01-Jan-2000 00:13:41 %LINK-I-Up:  gi1/0/5", "01-Jan-2000 00:13:41 %LINK-W-Down:  gi1/0/5",
		"01-Jan-2000 01:50:11 %COPY-N-TRAP: The copy operation was completed successfully",
	} {
		if found := dialect().Noise.FindString(text); found != text {
			t.Errorf("%q: %q", text, found)
		}
	}
}
