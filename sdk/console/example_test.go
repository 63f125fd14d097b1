package console_test

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// A driver's author describes how the family talks, opens a session, and writes lines.
func Example() {
	family := console.Dialect{
		Username:   regexp.MustCompile(`login: $`),
		Password:   regexp.MustCompile(`Password: $`),
		Rejected:   regexp.MustCompile(`Login incorrect`),
		Prompt:     regexp.MustCompile(`^(?P<host>[\w.-]+)(?:\((?P<mode>[a-z-]+)\))?(?P<level>[#>]) $`),
		Privileged: "#",
		Probe:      "terminal length 0",
		Setup:      []string{"terminal width 511", "terminal length 0"},
		Pager:      regexp.MustCompile(`--More--`),
		More:       " ",
		Errors:     []console.ErrorPattern{{Words: regexp.MustCompile(`^% |^ERROR:`), Code: sdk.Refused}},
		Width:      511,
	}
	ctx := context.Background()
	s, err := console.Open(ctx, console.Config{
		Dialect: family, Host: "sw-07", Username: "haas", Password: "from the settings", Deadline: 30 * time.Second,
	})
	if err != nil {
		fmt.Println(err) // it says what was attempted on whom, and sdk.CodeOf(err) what that means
		return
	}
	defer s.Close() //nolint:errcheck // Nothing is lost that was not lost before.
	for _, line := range []string{"configure terminal", "interface ethernet 1/12", "shutdown", "end"} {
		if _, err := s.Run(ctx, line); err != nil {
			fmt.Println(err) // "interface ethernet 1/99": Invalid range at '^' marker.
			return
		}
	}
	config, err := s.Run(ctx, "show running-config interface ethernet 1/12")
	fmt.Println(config, err) // what was typed is believed only when the device says so
}
