package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/CCI-MOC/haas/openapi/client"
)

// account is a user of HaaS, who works with the command haas as users do.
type account struct {
	name, password string
	server         *server
}

// haas runs the command and gives what it printed.
func (a account) haas(ctx context.Context, args ...string) (string, error) {
	return a.with(ctx, "", args...)
}

// with is haas with something on its standard input.
func (a account) with(ctx context.Context, input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.server.program(), args...)
	cmd.Env = append(surroundings(), "HAAS_ENDPOINT="+a.server.url, "HAAS_USERNAME="+a.name, "HAAS_PASSWORD="+a.password)
	var out, complaint strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("haas %s, as %s: %w: %s", strings.Join(args, " "), a.name, err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}

// begin runs a command that begins a networking action, and gives the action's id.
func (a account) begin(ctx context.Context, args ...string) (string, error) {
	begun, err := ask[client.StatusID](ctx, a, args...)
	return begun.StatusID, err
}

// action is the state of a networking action.
func (a account) action(ctx context.Context, id string) (client.Action, error) {
	return ask[client.Action](ctx, a, "action", "show", id)
}

// ask runs a command that tells a T.
func ask[T any](ctx context.Context, a account, args ...string) (told T, err error) {
	out, err := a.haas(ctx, append(args, "--json")...)
	if err != nil {
		return told, err
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		return told, fmt.Errorf("haas %s: %w", strings.Join(args, " "), err)
	}
	return told, nil
}
