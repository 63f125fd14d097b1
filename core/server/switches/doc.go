// Package switches tests whole servers on simulated switches: the real API, fabric and store, the drivers as processes, and
// devices that speak their own command line and break in every way that devices break. It has only tests.
package switches
