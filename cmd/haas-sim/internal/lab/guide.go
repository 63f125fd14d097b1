package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Keep tells how to go on by hand, and leaves the lab as it is until the context of its start ends, or something in it
// breaks. Nobody watches any more: whose a machine is, is up to whoever types.
func (l *Lab) Keep() error {
	l.unwatch()
	l.say("\n%s", l.guide())
	<-l.ctx.Done()
	if err := context.Cause(l.ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// guide is what a person can type.
func (l *Lab) guide() string {
	haas := l.server.program()
	lines := []string{
		"The lab is yours until Ctrl-C. In another terminal:", "",
		fmt.Sprintf("  export HAAS_ENDPOINT=%s HAAS_USERNAME=%s HAAS_PASSWORD=%s", l.server.url, l.physics.name, l.physics.password),
		"  " + haas + " node show n1",
		"  " + haas + " node network detach n1 " + nic + " cluster --wait", "",
		fmt.Sprintf("The other project is %s, with the password %s. %s may do everything, with the password %s:",
			l.biology.name, l.biology.password, l.operator.name, l.operator.password), "",
		"  " + haas + " switch check " + nexus, "",
		fmt.Sprintf("The API is explained at %s/docs; the server's log is %s.", l.server.url, l.server.log()), "",
		"The switches; log in as admin, password admin:", "",
	}
	for _, name := range l.switches {
		if f, simulated := l.fronts[name]; simulated {
			lines = append(lines, fmt.Sprintf("  telnet 127.0.0.1 %d  # %s", f.tcpPort(), name))
		}
	}
	lines = append(lines, "  ovs-vsctl --db="+l.ovs.Endpoint()+" show  # the bridges behind them", "", "The machines:", "")
	for _, m := range l.machines {
		lines = append(lines, fmt.Sprintf("  nsenter --net=%s ping %s  # from %s to n1", m.path(), l.machines[0].address(untagged), m.name))
	}
	return strings.Join(lines, "\n")
}
