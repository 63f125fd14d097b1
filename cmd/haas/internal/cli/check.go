package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// judged shows an answer, and then fails if that is what it tells.
func judged[T any](c *call, body json.RawMessage, err error, print func(*table, T), judge func(T) error) error {
	if err != nil {
		return err
	}
	var answer T
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if c.asJSON() {
		err = c.write(body)
	} else {
		t := newTable(c.env.Out)
		print(t, answer)
		err = t.flush()
	}
	return errors.Join(err, judge(answer))
}

func testSwitch(ctx context.Context, c *call) error {
	body, err := remote.Read[json.RawMessage](c.SwitchTest(ctx, c.arg("SWITCH")))
	return judged(c, body, err, printTest, func(t client.SwitchTest) error {
		if len(t.Missing) == 0 {
			return nil
		}
		return fmt.Errorf("switch %s does not have the registered ports %s; delete them, or mend the settings if it is another switch",
			t.Switch, list(t.Missing))
	})
}

func printTest(t *table, tested client.SwitchTest) {
	t.row("switch "+tested.Switch, "reached, logged in, running configuration read; nothing changed")
	if tested.Listed {
		t.row("ports", strconv.Itoa(len(tested.Ports)))
	} else {
		t.row("ports", "its driver cannot list them")
	}
	t.row("missing", list(tested.Missing))
}

func checkSwitch(ctx context.Context, c *call) error {
	body, err := remote.Read[json.RawMessage](c.SwitchCheck(ctx, c.arg("SWITCH")))
	return judged(c, body, err, printCheck, func(checked client.SwitchCheck) error {
		if checked.InOrder {
			return nil
		}
		differing := slices.DeleteFunc(slices.Clone(checked.Ports), func(p client.PortState) bool { return p.InOrder })
		text := fmt.Sprintf("%d of %d ports of switch %s are not as they should be", len(differing), len(checked.Ports), checked.Switch)
		if slices.ContainsFunc(differing, func(p client.PortState) bool { return p.Error == nil }) {
			text += "\nthe server puts a port back at its next check, and at the next change of the port"
		}
		return errors.New(text)
	})
}

func printCheck(t *table, checked client.SwitchCheck) {
	t.row("PORT", "NODE/NIC", "WANTED", "RUNNING", "STATE")
	for _, p := range checked.Ports {
		t.row(p.Port, cableOf(p), carried(p.Wanted), carried(p.Running), verdict(p))
	}
	if checked.UnsavedSince != nil {
		t.row("unsaved since " + checked.UnsavedSince.Local().Format(time.DateTime))
	}
	if checked.LastError != nil {
		t.row("last error: " + *checked.LastError)
	}
}

func printState(t *table, p client.PortState) {
	t.row("port", p.Port)
	t.row("on the switch", p.DeviceName)
	t.row("node", or(p.Node))
	t.row("NIC", or(p.NIC))
	t.row("wanted", carried(p.Wanted))
	t.row("running", carried(p.Running))
	t.row("state", verdict(p))
}

// cableOf is what a port is cabled to.
func cableOf(p client.PortState) string {
	if p.Node == nil || p.NIC == nil {
		return "-"
	}
	return *p.Node + "/" + *p.NIC
}

// carried says what a port carries; a dash if that is not known, or if nobody wants anything.
func carried(c *client.Carried) string {
	if c == nil {
		return "-"
	}
	var parts []string
	if c.Native != nil {
		parts = append(parts, "native "+strconv.FormatInt(*c.Native, 10))
	}
	if len(c.Tagged) > 0 {
		parts = append(parts, "tagged "+vlans(c.Tagged))
	}
	switch {
	case !c.Up:
		parts = append(parts, "shut")
	case len(parts) == 0:
		parts = append(parts, "nothing, but up")
	}
	return strings.Join(parts, ", ")
}

// vlans are VLANs as switches write them: 10,20-23.
func vlans(ids []int64) string {
	var ranges []string
	for i := 0; i < len(ids); {
		first := i
		for i++; i < len(ids) && ids[i] == ids[i-1]+1; i++ {
		}
		text := strconv.FormatInt(ids[first], 10)
		if last := ids[i-1]; last != ids[first] {
			text += "-" + strconv.FormatInt(last, 10)
		}
		ranges = append(ranges, text)
	}
	return strings.Join(ranges, ",")
}

// verdict is how a port is.
func verdict(p client.PortState) string {
	text := "in order"
	switch {
	case p.Error != nil:
		text = *p.Error
	case p.Difference != nil:
		text = *p.Difference
	case !p.InOrder:
		text = "not in order"
	}
	if p.Pending {
		text += "; a change is under way"
	}
	return text
}
