package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// flatNodeRegister takes the order of the code, NODE TYPE, and that of the user guide, TYPE NODE. A word that is no
// type decides; with two of them, the code's order.
func flatNodeRegister(ctx context.Context, c *call) (*http.Response, error) {
	node, obmType := c.arg("NODE"), c.arg("TYPE")
	switch {
	case isOBMType(obmType) && isOBMType(node):
		fmt.Fprintf(c.env.Err, "haas: taking %q for the node and %q for its type\n", node, obmType)
	case isOBMType(node):
		node, obmType = obmType, node
	case !isOBMType(obmType):
		return nil, fmt.Errorf("neither %q nor %q is a type; write ipmi, mock, or a type URL as \"haas driver list\" shows it", node, obmType)
	}
	obm := map[string]any{
		"type": remote.OBM.URL(obmType), "host": c.arg("HOST"), "user": c.arg("USER"), "password": c.arg("PASSWORD"),
	}
	return c.NodeRegisterWithBody(ctx, node, jsonType, jsonBody(map[string]any{"obm": obm}))
}

func isOBMType(word string) bool {
	return slices.Contains([]string{"ipmi", "mock"}, word) || strings.Contains(word, "://")
}

// flatSettings are the settings that the positional arguments of switch_register stand for.
func flatSettings(subtype string) ([]string, bool) {
	login := []string{"hostname", "username", "password"}
	switch subtype {
	case "mock", "powerconnect55xx":
		return login, true
	case "nexus", "delln3000":
		return append(login, "dummy_vlan"), true
	case "brocade", "dellnos9":
		return append(login, "interface_type"), true
	case "ovs":
		return []string{"ovs_bridge"}, true
	default:
		return nil, false
	}
}

func flatSwitchRegister(ctx context.Context, c *call) (*http.Response, error) {
	body, err := flatSwitch(c.arg("TYPE"), c.args[2:])
	if err != nil {
		return nil, err
	}
	return c.SwitchRegisterWithBody(ctx, c.arg("SWITCH"), jsonType, jsonBody(body))
}

func flatSwitch(subtype string, args []string) (map[string]any, error) {
	names, known := flatSettings(subtype)
	if !known {
		return otherSwitch(subtype, args)
	}
	if len(args) != len(names) {
		return nil, fmt.Errorf("type %s requires exactly %d arguments: %s", subtype, len(names), strings.Join(names, " "))
	}
	body := map[string]any{"type": remote.Switch.URL(subtype)}
	for i, name := range names {
		body[name] = args[i]
	}
	return body, nil
}

// otherSwitch takes the settings of any other type as one argument, in JSON.
func otherSwitch(subtype string, args []string) (map[string]any, error) {
	const wanted = "give the driver's settings as one JSON object"
	if len(args) != 1 {
		return nil, fmt.Errorf("type %s is not one with positional settings; %s", subtype, wanted)
	}
	var body map[string]any
	if json.Unmarshal([]byte(args[0]), &body) != nil || body == nil {
		return nil, errors.New("the settings cannot be read; " + wanted)
	}
	body["type"] = remote.Switch.URL(subtype)
	return body, nil
}
