// Package config turns haas.cfg into typed settings. It reads the files of the predecessor, haas.cfg and hil.cfg,
// wherever a key still means something, and refuses what it does not know with file, line, key and a remedy.
//
// It opens no database, no socket and no directory: whether a setting works is found out by the room that uses it.
package config
