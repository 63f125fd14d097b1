// Package sdk is what a driver author imports: who a driver is, what it is pointed at, how it fails, and how its
// secrets stay secret. The contracts themselves are the packages netswitch, obm and headnode below this one; each
// has a Serve function that turns a Driver into a program the HaaS server can launch.
//
// It is not for the server's own rules: nothing here knows projects, networks or users.
package sdk
