package nexus5k

import (
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// The texts of refusals. Those with "ERROR:" are guesses but for that word.
const (
	unknownCommand = "% Invalid command at '^' marker."
	incomplete     = "% Incomplete command at '^' marker."
	ambiguous      = "% Ambiguous command at '^' marker."
	badValue       = "% Invalid value/range at '^' marker."
	badNumber      = "% Invalid number at '^' marker."
	tooLong        = "% String exceeded max length of (32) at '^' marker."
	badRange       = "Invalid range at '^' marker."
	badInterface   = "Invalid interface format at '^' marker."
	reservedVLANs  = "ERROR: VLAN %s is reserved for internal use and cannot be created"
	defaultVLAN    = "ERROR: VLAN 1 is the default VLAN and cannot be deleted"
	missingVLANs   = "ERROR: VLAN %s does not exist"
	duplicateName  = "ERROR: VLAN with the same name exists"
	nameOfRange    = "ERROR: a name cannot be given to a range of VLANs"
	memberPort     = "ERROR: %s: port is a member of %s, configure that instead"
	routedPort     = "ERROR: %s: port is not a switchport"
)

// release is the one the lines of the running configuration are from.
const release = "7.1(1)N1(1)"

// lastVLAN is the highest VLAN a trunk may be given.
const lastVLAN = 4094

// licence is what the device says after each login.
const licence = "Cisco Nexus Operating System (NX-OS) Software\r\n" +
	"TAC support: http://www.cisco.com/tac\r\n" +
	"Copyright (c) 2002-2019, Cisco Systems, Inc. All rights reserved.\r\n" +
	"The copyrights to certain works contained in this software are\r\n" +
	"owned by other third parties and used and distributed under\r\n" +
	"license. Certain components of this software are licensed under\r\n" +
	"the GNU General Public License (GPL) version 2.0 or the GNU\r\n" +
	"Lesser General Public License (LGPL) Version 2.1. A copy of each\r\n" +
	"such license is available at\r\n" +
	"http://www.opensource.org/licenses/gpl-2.0.php and\r\n" +
	"http://www.opensource.org/licenses/lgpl-2.1.php\r\n"

// linux is what the daemon of such a device offers.
func linux() consoletest.Offers {
	return consoletest.Offers{
		Do: []byte{
			consoletest.OptionTerminalType, consoletest.OptionTerminalSpeed, consoletest.OptionDisplayLocation,
			consoletest.OptionNewEnvironment, consoletest.OptionWindowSize, consoletest.OptionFlowControl,
		},
		Will: []byte{consoletest.OptionSuppressGoAhead, consoletest.OptionStatus, consoletest.OptionEcho},
	}
}

func now() string { return time.Now().UTC().Format("Mon Jan _2 15:04:05 2006") }

// logged is a log line as it is written on terminals.
func (s *Switch) logged(text string) string {
	return time.Now().UTC().Format("2006 Jan _2 15:04:05") + " " + s.Hostname() + " " + text
}
