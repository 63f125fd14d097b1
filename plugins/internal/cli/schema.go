package cli

import (
	"encoding/json"
	"fmt"

	"github.com/CCI-MOC/haas/sdk/console"
)

// property is one member of the settings' schema.
type property map[string]any

// Schema is the JSON Schema of the family's settings.
func (f Family) Schema() (json.RawMessage, error) {
	required := []string{"hostname", "username", "password"}
	properties := commonProperties()
	if f.NeedsDummy {
		required = append(required, "dummy_vlan")
		properties["dummy_vlan"] = property{
			"type": []string{"integer", "string"}, "minimum": 2, "maximum": lastVLAN, "pattern": "^[0-9]{1,4}$",
			"description": "A VLAN that does not exist on the switch; it stands for no native VLAN. It " + f.dummyWords(),
		}
	}
	return json.Marshal(map[string]any{
		"type": "object", "required": required, "properties": properties, "additionalProperties": false,
	})
}

func commonProperties() map[string]property {
	return map[string]property{
		"hostname":        text("Name or address of the switch"),
		"username":        text("Administrator of the switch"),
		"password":        secret("The administrator's password"),
		"enable_password": secret("The password for privileges, if the switch asks for one after the login"),
		"transport": {
			"type": "string", "enum": []string{console.Telnet, console.SSH}, "default": console.Telnet,
			"description": "How the command line is reached",
		},
		"port": {
			"type": "integer", "minimum": 1, "maximum": 65535,
			"description": "TCP port of the command line; absent, the transport's own, 23 or 22",
		},
		"save": {
			"type": "boolean", "default": true,
			"description": "Whether the running configuration is saved, so that it survives a reboot",
		},
		"create_vlans": {
			"type": "boolean", "default": true,
			"description": "Whether VLANs that a port needs are created on the switch",
		},
		"session_limit": {
			"type": "integer", "minimum": 1, "maximum": maxSessions, "default": defaultSessions,
			"description": "How many sessions the switch may have with this driver at once",
		},
		"idle_close": duration(fmt.Sprintf("How long an unused session stays open, %s to %s; absent, a minute", minIdle, maxIdle), "30s"),
		"deadline": duration(fmt.Sprintf("How long the switch may take to answer one command, %s to %s; absent, %s",
			minDeadline, maxDeadline, defaultDeadline), "1m"),
	}
}

func text(description string) property {
	return property{"type": "string", "minLength": 1, "maxLength": maxText, "description": description}
}

func secret(description string) property {
	p := text(description)
	p["writeOnly"] = true
	return p
}

func duration(description, example string) property {
	return property{"type": "string", "description": description, "examples": []string{example}}
}
