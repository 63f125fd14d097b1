// Package bench measures HaaS against bare code that does the same work. Both sides are measured in turns in one run,
// so that whatever else the machine does falls on both. Against switches of real families, which are simulated with the
// latencies that published measurements found, it is measured against what the fewest lines take that do the same; on
// simulated controllers, against the bare IPMI library and against ipmitool; on a libvirtd and QEMU of its own, against the bare calls
// of libvirt. It has only benchmarks, and they fail on a wrong answer, never on a time.
package bench
