package sdk

import "encoding/json"

// Info says who a driver is and what it can be pointed at. A driver answers it without touching any device.
type Info struct {
	// Name is the driver's name, equal to its binary's: "switch-nexus".
	Name string
	// Version is the driver's own version, shown to operators: "1.2.0".
	Version string
	// Types are the kinds of target the driver serves; at least one.
	Types []Type
}

// Type is one kind of target a driver serves.
type Type struct {
	// URL names the type in the API: "http://schema.massopencloud.org/haas/v0/switches/nexus".
	URL string
	// Title is the device family for people: "Cisco Nexus 5000".
	Title string
	// Settings is a JSON Schema (an object) of a target's settings, without the member "type". Secrets are marked
	// "writeOnly": true; the server never gives them out again.
	Settings json.RawMessage
	// Capabilities are words that change the server's rules for targets of this type; see the contract packages.
	Capabilities []string
}

// Target is one registered device, as every call carries it.
type Target struct {
	// Name is the label under which the device is registered; for messages only.
	Name string
	// Type is the type URL it is registered with, one of Info.Types.
	Type string
	// Settings is the JSON object given at registration, without "type". It contains secrets.
	Settings Settings
}
