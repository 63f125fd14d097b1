// Package remote is the way to a HaaS server: which one, as whom, and what its refusals mean for a person. It knows
// no commands; it hands the generated client to those that do.
package remote
