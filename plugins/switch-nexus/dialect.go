package main

import (
	"regexp"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// width is what "terminal width" takes at most.
const width = 511

// busyWords are of a switch that cannot now.
const busyWords = `in progress|try again|currently busy|locked by|another (?:session|user|process)|resource temporarily`

// dialect is how NX-OS talks on a Nexus 5548 with 7.3(13)N1(1) and others of its line.
func dialect() console.Dialect {
	return console.Dialect{
		Username:   regexp.MustCompile(`(?i)login: *$`),
		Password:   regexp.MustCompile(`(?i)password: *$`),
		Rejected:   regexp.MustCompile(`(?i)login incorrect|authentication fail|access denied`),
		Full:       regexp.MustCompile(`(?i)(?:too many|maximum number of|no more|all) .*(?:sessions|connections|users|vtys?|terminals)`),
		Prompt:     regexp.MustCompile(`^(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\((?P<mode>config[a-z0-9-]*)\))?(?P<level>[#>]) ?$`),
		Privileged: "#",
		Enable:     "enable",
		Probe:      "terminal length 0",
		Setup:      []string{"terminal width 511", "terminal length 0"},
		Pager:      regexp.MustCompile(`--More--\s*$`),
		More:       " ",
		Noise:      noise(),
		Errors:     errorPatterns(),
		Width:      width,
	}
}

// noise is the syslog of "terminal monitor", with the year in front or the month:
//
//	2021 Jul  5 17:27:50 sw %ETHPORT-5-IF_DOWN_CFG_CHANGE: Interface Ethernet1/3 is down(Config change)
//	Jul  5 17:27:50.123 sw %VSHD-5-VSHD_SYSLOG_CONFIG_I: Configured from vty by admin
func noise() *regexp.Regexp {
	const (
		date   = `(?:\d{4} [A-Z][a-z]{2} {1,2}\d{1,2}|[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})?)`
		clock  = ` \d{2}:\d{2}:\d{2}(?:\.\d+)?(?: [A-Z]{2,5})?:?`
		origin = `(?: \S+)?(?: %\$ VDC-\d+ %\$)?`
		what   = ` *%[A-Z0-9_]+(?:-[A-Z0-9_]+)*-\d-[A-Z0-9_]+:.*`
	)
	return regexp.MustCompile(date + clock + origin + what)
}

// errorPatterns are the ways in which NX-OS says no. They stand at the beginning of a line, where no description in a
// configuration does.
func errorPatterns() []console.ErrorPattern {
	return []console.ErrorPattern{
		{Words: regexp.MustCompile(`(?i)^(?:%|ERROR:).*(?:` + busyWords + `)`), Code: sdk.Busy, Retryable: true},
		{Words: regexp.MustCompile(`(?i)^Invalid (?:range|interface format) at '\^' marker`), Code: sdk.NotFound},
		{Words: regexp.MustCompile(`(?i)^Invalid .* at '\^' marker`), Code: sdk.Refused},
		{Words: regexp.MustCompile(`(?i)^ERROR:`), Code: sdk.Refused},
		{Words: regexp.MustCompile(`^% *\S`), Code: sdk.Refused},
	}
}
