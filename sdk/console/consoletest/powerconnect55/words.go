package powerconnect55

import "github.com/CCI-MOC/haas/sdk/console/consoletest"

// The texts of refusals.
const (
	unrecognized  = "% Unrecognized command"
	incomplete    = "% Incomplete command"
	ambiguous     = "% Ambiguous command"
	badValue      = "% bad parameter value"
	missing       = "% missing mandatory parameter"
	wrongNumber   = "% Wrong number of parameters or invalid range, size or characters entered"
	notCreated    = "VLAN was not created by user."
	databaseBusy  = "Configuration Database locked by another application - try later"
	notLayer2     = "Port is not in Layer-2 mode"
	defaultVLAN   = "Default VLAN can not be removed."
	oldQuestion   = "Overwrite file [startup-config] ?[Yes/press any key for no]...."
	newerQuestion = "Overwrite file [startup-config].... (Y/N)[N] ?"
)

const (
	// lastVLAN is the highest VLAN id.
	lastVLAN = 4094
	// fastPorts and channels are how many te ports and port channels there are.
	fastPorts = 2
	channels  = 8
	// pageLength is how many lines a page has.
	pageLength = 24
)

// offers are what the device's daemon offers.
func offers() consoletest.Offers {
	return consoletest.Offers{
		Do:   []byte{consoletest.OptionWindowSize},
		Will: []byte{consoletest.OptionEcho, consoletest.OptionSuppressGoAhead},
	}
}
