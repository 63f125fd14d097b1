package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

const (
	// patience is how long a switch may take.
	patience = 30 * time.Second
	// pause is how often it is asked.
	pause = 20 * time.Millisecond
)

// answer is what every answer of the generated client can say.
type answer interface {
	Status() string
	StatusCode() int
	GetBody() []byte
}

// done turns an answer that says no into an error.
func done(a answer, err error) error {
	switch {
	case err != nil:
		return err
	case a.StatusCode()/100 != 2:
		return fmt.Errorf("%s: %s", a.Status(), a.GetBody())
	default:
		return nil
	}
}

// acceptance is an answer that says where to ask how it went.
type acceptance interface {
	answer
	GetJSON202() *client.StatusID
}

// shown is done for changes of a switch, which it follows until the switch shows them.
func shown(ctx context.Context, api *client.ClientWithResponses) func(a acceptance, err error) error {
	return func(a acceptance, err error) error {
		if err := done(a, err); err != nil {
			return err
		}
		if a.GetJSON202() == nil {
			return fmt.Errorf("the server accepted, and did not say where to ask: %s", a.GetBody())
		}
		return follow(ctx, api, a.GetJSON202().StatusID)
	}
}

func follow(ctx context.Context, api *client.ClientWithResponses, statusID string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		action, err := api.NetworkingActionShowWithResponse(ctx, statusID)
		if err := done(action, err); err != nil {
			return err
		}
		switch action.JSON200.Status {
		case client.DONE:
			return nil
		case client.ERROR:
			return fmt.Errorf("the switch was not changed: %s", action.Body)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; last seen: %s", ctx.Err(), action.Body)
		case <-time.After(pause):
		}
	}
}

// planConnection asks what the switch would be sent.
func planConnection(ctx context.Context, api *client.ClientWithResponses) error {
	params := &client.NodeConnectNetworkParams{DryRun: new(true)}
	answer, err := api.NodeConnectNetworkWithResponse(ctx, node, nic, params, client.NetworkConnection{Network: network})
	if err := done(answer, err); err != nil {
		return err
	}
	if answer.JSON200 == nil || answer.JSON200.Port != port || len(answer.JSON200.Lines) == 0 {
		return fmt.Errorf("this is no plan: %s", answer.Body)
	}
	return nil
}

// checkSwitch checks that the switch's port carries the network, and nothing else.
func checkSwitch(ctx context.Context, api *client.ClientWithResponses) error {
	answer, err := api.SwitchCheckWithResponse(ctx, switchName)
	if err := done(answer, err); err != nil {
		return err
	}
	for _, p := range answer.JSON200.Ports {
		if p.Port == port && p.InOrder && p.Running != nil && p.Running.Native != nil && len(p.Running.Tagged) == 0 {
			return nil
		}
	}
	return fmt.Errorf("the port is not in order: %s", answer.Body)
}

// showNode checks that the node's NIC is on the network.
func showNode(ctx context.Context, api *client.ClientWithResponses) error {
	answer, err := api.NodeShowWithResponse(ctx, node)
	if err := done(answer, err); err != nil {
		return err
	}
	for _, n := range answer.JSON200.Nics {
		if n.Label == nic && n.Networks["vlan/native"] == network {
			return nil
		}
	}
	return fmt.Errorf("the NIC is not on the network: %s", answer.Body)
}

func askPower(ctx context.Context, api *client.ClientWithResponses) error {
	power, err := api.NodePowerStatusWithResponse(ctx, node)
	if err := done(power, err); err != nil {
		return err
	}
	if power.JSON200.PowerStatus != "on" {
		return fmt.Errorf("the power is %s", power.JSON200.PowerStatus)
	}
	return nil
}

// watchConsole reads the beginning of what the console shows. That goes on for ever, so the answer is taken as it comes.
func watchConsole(ctx context.Context, api *client.ClientWithResponses) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	console, err := api.NodeConsoleShow(ctx, node, &client.NodeConsoleShowParams{})
	if err != nil {
		return err
	}
	defer func() { _ = console.Body.Close() }() // it was only read
	if console.StatusCode != http.StatusOK {
		return errors.New(console.Status)
	}
	if _, err := console.Body.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("read the console: %w", err)
	}
	return nil
}
