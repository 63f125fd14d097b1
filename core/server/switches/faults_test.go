package switches_test

import "testing"

// TestFaults breaks switches in every way that switches break. Every action ends DONE, and the device shows it, or ERROR,
// with what the device said and what to do; and once the switch is mended its ports come to what the database says. All
// switches are one server's, so none of them keeps it from the others.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for name, test := range map[string]func(*testing.T, *site){
		"on the way to the switch":           onTheWay,
		"at the login":                       atLogin,
		"at a rejected login":                atARejectedLogin,
		"at a login that is unusual":         thatIsUnusual,
		"without a session left":             withoutASessionLeft,
		"once, at any point of a visit":      atAnyPoint,
		"that lasts":                         thatLasts,
		"that is harmless":                   thatIsHarmless,
		"that delays only its switch":        thatDelaysOnlyItsSwitch,
		"at a save":                          atASave,
		"on a port that is gone":             onAPortThatIsGone,
		"on a port that is not the server's": onAPortThatIsNotTheServers,
		"on a VLAN that the switch refuses":  onAVLANThatIsRefused,
		"on a VLAN that is not created":      onAVLANThatIsNotCreated,
		"by somebody else who types":         bySomebodyElse,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}
