// Package terminal joins a person's terminal, or a script's pipes, with the serial console of a node: what the machine
// prints and what is typed, the hand-over of the keyboard, and connections that break. It knows no commands, and what
// it knows of the server is remote's.
package terminal
