package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// changeFlags are those of commands that configure a port.
func changeFlags(f *pflag.FlagSet) {
	waitFlags(f)
	f.Bool("plan", false, "print what the switch would be sent, and change nothing")
}

// dryRun is the parameter that --plan stands for; without it none is sent, as by older clients.
func (c *call) dryRun() *bool {
	if c.is("plan") {
		return new(true)
	}
	return nil
}

// change ends a command that configures a port, or that only asked what that comes to.
func (c *call) change(ctx context.Context) func(*http.Response, error) error {
	return func(resp *http.Response, err error) error {
		if c.is("plan") {
			return c.printPlan(resp, err)
		}
		return c.begun(ctx, resp, err)
	}
}

// printPlan prints the lines as the switch would be sent them, and nothing else.
func (c *call) printPlan(resp *http.Response, err error) error {
	body, err := remote.Read[json.RawMessage](resp, err)
	if err != nil {
		return err
	}
	var answer struct {
		client.Plan
		client.StatusID
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	switch {
	case answer.StatusID.StatusID != "":
		return errors.New("this server knows no plans and has begun the change itself; to see how it goes: haas action show " + answer.StatusID.StatusID)
	case c.asJSON():
		return c.write(body)
	}
	for _, line := range answer.Lines {
		if _, err := fmt.Fprintln(c.env.Out, clean(line)); err != nil {
			return err
		}
	}
	return nil
}
