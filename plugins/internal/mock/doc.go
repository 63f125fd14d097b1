// Package mock is what the pretended devices have in common: the file each one lives in, the faults it can be told to
// play, their consoles, and the reading of their settings. It is not for drivers of real devices.
package mock
