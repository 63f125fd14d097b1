// Package drivers is the plugin directory: it finds the programs named <kind>-<vendor>, checks and launches them, each
// once, relaunches them when they die, and hands out drivers that outlive the processes behind them. It is not for
// what is said to devices: callers speak the contracts of sdk.
//
// It runs on Linux, where the kernel ends a driver whose server has died.
package drivers
