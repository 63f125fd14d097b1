// Package consoletest simulates devices with a command line, over real telnet and SSH, so that drivers are tested against
// something as strict as the device: it takes abbreviations, refuses what the device refuses in the device's words,
// pages, echoes, runs out of sessions, and can be broken in all the ways devices break.
//
// A device is a Family (its login, its modes with their commands, its words) and the state its commands change:
//
//	type lamp struct {
//		*consoletest.Device
//		on bool
//	}
//
//	func newLamp(o consoletest.Options) *lamp {
//		l := &lamp{}
//		l.Device = consoletest.NewDevice(o, consoletest.Family{
//			Login: consoletest.Login{Username: "login: ", Password: "Password: "},
//			Modes: []consoletest.Mode{{Prompt: "# ", Commands: []consoletest.Command{
//				{Line: "light on", Run: func(*consoletest.Call) error { l.on = true; return nil }},
//				{Line: "exit", Run: func(c *consoletest.Call) error { c.Leave(); return nil }},
//			}}},
//			Enter: "\r\n",
//			Words: consoletest.Words{Unknown: "% Unknown command"},
//		})
//		return l
//	}
//
// The package shares nothing with the drivers' side, sdk/console: what both got wrong alike no test would find.
// It is not a scripted dialogue either: what is typed has the effect it would have on the device.
package consoletest
