// Package consoles tests whole servers on controllers with machines behind them: the real API, console hub and store, the
// IPMI driver as a process, simulated controllers, and a machine that QEMU emulates. It has only tests.
package consoles
