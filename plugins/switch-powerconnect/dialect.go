package main

import (
	"regexp"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

const (
	// width is that of the device's terminal, which no command widens; a longer line is echoed broken.
	width = 79
	// longestHost is how long a switch's host name may be, so that every line fits behind it and "(config-if-range)#".
	longestHost = 20
)

// dialect is how a 55xx talks. The lines of its language that are marked so were seen on siblings only.
func dialect() console.Dialect {
	return console.Dialect{
		Username:   regexp.MustCompile(`(?i)User ?Name: *$`),
		Password:   regexp.MustCompile(`(?i)Password: *$`),
		Rejected:   regexp.MustCompile(`(?i)authentication failed|login (?:failed|incorrect)|bad password`),
		Full:       regexp.MustCompile(`(?i)(?:too many|maximum number of|no more) .*(?:sessions|connections|users)`),
		Prompt:     regexp.MustCompile(`^(?P<host>[^\s()#>%]+)(?:\((?P<mode>[a-z-]+)\))?(?P<level>[#>]) ?$`),
		Privileged: "#",
		Enable:     "enable",
		// An empty line would make the device repaint its prompt.
		Probe: "haas-is-here",
		Setup: []string{"terminal datadump"},
		Pager: regexp.MustCompile(`More: <space>, +Quit: q[^\n]*One line: <return> *$`),
		More:  " ",
		// 01-Jan-2000 00:13:41 %LINK-I-Up:  gi1/0/5
		Noise:  regexp.MustCompile(`\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2} ?:?%[A-Z0-9_]+-[A-Z]-[A-Za-z0-9_]+:.*`),
		Errors: errorPatterns(),
		Width:  width,
	}
}

// errorPatterns are the device's ways to say no. They stand at the beginning of a line, where the text of a
// description in a configuration does not.
func errorPatterns() []console.ErrorPattern {
	return []console.ErrorPattern{
		{Words: regexp.MustCompile(`(?i)^\s*%?\s*Configuration Database (?:is )?locked`), Code: sdk.Busy, Retryable: true},
		{Words: regexp.MustCompile(`(?i)^\s*%?\s*VLAN was not created by user`), Code: sdk.Refused},
		{Words: regexp.MustCompile(`(?i)^\s*%?\s*Port is not in Layer-2 mode`), Code: sdk.Refused},
		{Words: regexp.MustCompile(`(?i)^\s*%?\s*(?:Port|Interface) \S+ is (?:a )?member`), Code: sdk.Refused},
		{Words: regexp.MustCompile(`^\s*%\s*\S`), Code: sdk.Refused},
	}
}
