// Package site describes a site in a file: switches and their ports, nodes, NICs and cabling, projects and networks.
// It reads such files, tells what a server lacks of one, adds that, and writes the file of a server.
//
// It only ever adds. What is on the server and not in the file stays, and what contradicts the file is told to a
// person. Secrets cannot be read back from a server, so drivers' settings matter only when a device is registered.
package site
