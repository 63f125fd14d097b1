// Package wire is what the two ends of all contracts share: the Driver service, errors, targets, the program around
// a driver. It is not for one contract's own calls; those lie beside the contract.
package wire
