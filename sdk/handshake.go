package sdk

import "github.com/hashicorp/go-plugin"

// ProtocolVersion is the version of the wire this SDK speaks: that of the .proto package haas.sdk.v1.
const ProtocolVersion = 1

// Handshake is how the server and a driver recognise each other at launch. It is no secret, and no protection: it
// keeps a driver started by hand from waiting for a server that will never call.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  ProtocolVersion,
	MagicCookieKey:   "HAAS_DRIVER",
	MagicCookieValue: "hardware-as-a-service",
}
