package bench_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

const (
	// never is a time before a save that no measurement lasts.
	never = "1h"
	// few is how often what takes long is measured.
	few = 3
)

// BenchmarkSwitches measures connects and detaches on simulated switches of real families, against the time in which the
// device carries out the fewest lines that do the same.
func BenchmarkSwitches(b *testing.B) {
	for _, f := range []family{nexus(), powerconnect()} {
		f.prove(b, 1, []int{vlanOf(0)})
		f.prove(b, 117, []int{1000, 1001, 1002, 1003, 1004, 1005, 1006})
	}
	began := time.Now()
	t := table{against: "device time"}
	h := newHall(b, never)
	// What is mostly waiting goes on side by side; what would be disturbed has its turn alone.
	carryOut(b, &t,
		single(b, h, nexus(), false), single(b, h, nexus(), true), single(b, h, powerconnect(), false), single(b, h, powerconnect(), true),
		known(b, h, powerconnect()), duringSave(b))
	carryOut(b, &t, many(b, h, 16, 0), many(b, h, 16, 16))
	carryOut(b, &t, many(b, h, 117, 0), many(b, h, 117, 16))
	carryOut(b, &t, ten(b, h))
	carryOut(b, &t, blackhole(b, h))
	t.print(os.Stdout)
	fmt.Printf("measured on simulated switches within %v\n", time.Since(began).Round(time.Second))
}

// measurement finds rows of the table.
type measurement func() ([]row, error)

// carryOut makes measurements at the same time.
func carryOut(b *testing.B, t *table, all ...measurement) {
	b.Helper()
	rows, failures := make([][]row, len(all)), make([]error, len(all))
	var running sync.WaitGroup
	for i, m := range all {
		running.Go(func() { rows[i], failures[i] = m() })
	}
	running.Wait()
	for i := range all {
		must(b, failures[i])
		t.add(rows[i]...)
	}
}

// deviceTime is what a device takes for lines.
func deviceTime(lines []string, cold bool) figure {
	took := time.Duration(len(lines)) * commandTime
	if cold {
		took += loginTime
	}
	return figure{milliseconds(took), "ms"}
}

// compareTimes are rows of connecting and detaching, each against what is given, for each goal.
func compareTimes(what string, found times, in, out figure, goals ...goal) []row {
	var rows []row
	for _, g := range goals {
		rows = append(rows, row{"connect, " + what, figure{found.in, "ms"}, in, g}, row{"detach, " + what, figure{found.out, "ms"}, out, g})
	}
	return rows
}

// single is one client alone, on networks that the switch has not seen. Each finds the session warm, or none.
func single(b *testing.B, h *hall, f family, cold bool) measurement {
	b.Helper()
	label, settings := f.name+"-warm", ""
	if cold {
		label, settings = f.name+"-cold", `, "idle_close": "1s"`
	}
	r := h.install(b, f, label, 1, settings)
	w := &wave{posts: r.posts, figure: last}
	n, goals := rounds, []goal{ratioAtMost(1.3), below(1000, "ms")}
	if cold {
		n, goals = few, []goal{ratioAtMost(1.3)}
		w.before = func() error {
			return within(patience, "the session ends", func() (bool, error) { return r.Sessions() == 0, nil })
		}
	}
	return func() ([]row, error) {
		found, err := tides(n, w)
		if err != nil {
			return nil, err
		}
		in, out := f.connecting(1, []int{vlanOf(0)}, false), f.detaching(1)
		what := strings.ReplaceAll(label, "-", ", ") + " session"
		return compareTimes(what, found[0], deviceTime(in, cold), deviceTime(out, cold), goals...), nil
	}
}

// known is one client alone on a warm session, on a network that the switch has.
func known(b *testing.B, h *hall, f family) measurement {
	b.Helper()
	w := &wave{posts: h.install(b, f, f.name+"-known", 1, "").posts, networks: 1, figure: last}
	return func() ([]row, error) {
		found, err := tides(rounds, w)
		if err != nil {
			return nil, err
		}
		device := deviceTime(f.connecting(1, []int{vlanOf(0)}, true), false)
		what := "connect, " + f.name + ", warm session, a network that the switch has"
		return []row{
			{what, figure{found[0].in, "ms"}, device, ratioAtMost(1.3)},
			{what, figure{found[0].in, "ms"}, device, below(1000, "ms")},
		}, nil
	}
}

// many is clients at once on one switch, on one network (0) or on several.
func many(b *testing.B, h *hall, ports, networks int) measurement {
	b.Helper()
	f := nexus()
	w := &wave{posts: h.install(b, f, fmt.Sprintf("many-%d-%d", ports, networks), ports, "").posts, networks: networks, figure: p95}
	what, aim := "p95", below(3000, "ms")
	if ports > 100 {
		w.figure, what, aim = last, "all", below(10_000, "ms")
	}
	vlans := []int{vlanOf(0)}
	for i := 1; i < networks; i++ {
		vlans = append(vlans, vlanOf(i))
	}
	return func() ([]row, error) {
		found, err := tides(few, w)
		if err != nil {
			return nil, err
		}
		what = fmt.Sprintf("%d at once on a switch, networks: %d, %s", ports, max(networks, 1), what)
		return compareTimes(what, found[0], deviceTime(f.connecting(ports, vlans, false), false), deviceTime(f.detaching(ports), false), aim), nil
	}
}

// ten compares all ports of ten switches at once with those of one.
func ten(b *testing.B, h *hall) measurement {
	b.Helper()
	const ports, racks = 48, 10
	f := nexus()
	alone := &wave{posts: h.install(b, f, "alone", ports, "").posts, figure: last}
	all := spread(b, h, racks, ports, last)
	return func() ([]row, error) {
		found, err := tides(few, all, alone)
		if err != nil {
			return nil, err
		}
		one := fmt.Sprintf("%d ports on %d switches", ports*racks, racks)
		in, out := deviceTime(f.connecting(ports, []int{vlanOf(0)}, false), false), deviceTime(f.detaching(ports), false)
		return slices.Concat(
			compareTimes(one, found[0], in, out, goal{}),
			compareTimes(one+" : 48 on one", found[0], figure{found[1].in, "ms"}, figure{found[1].out, "ms"}, ratioAtMost(1.1))), nil
	}
}

// spread is a wave on several switches.
func spread(b *testing.B, h *hall, racks, ports int, figure func([]time.Duration) time.Duration) *wave {
	b.Helper()
	w := &wave{posts: make([]*post, racks*ports), figure: figure}
	for i := range racks {
		for j, p := range h.install(b, nexus(), fmt.Sprintf("spread-%d-%d", racks, i), ports, "").posts {
			w.posts[j*racks+i] = p
		}
	}
	return w
}

// blackhole compares what clients of four switches wait beside a fifth one, which takes connections and never says
// anything, with what they wait without it.
func blackhole(b *testing.B, h *hall) measurement {
	b.Helper()
	const racks, ports = 4, 4
	dark := newHall(b, never)
	beside, without := spread(b, dark, racks, ports, p95), spread(b, h, racks, ports, p95)
	black := dark.install(b, nexus(), "black", 1, "")
	black.Inject(consoletest.Fault{Kind: consoletest.SilentConnection, Always: true})
	return func() ([]row, error) {
		action, err := black.posts[0].act("connect", 0)
		if err != nil {
			return nil, err
		}
		found, err := tides(rounds, beside, without)
		if err != nil {
			return nil, err
		}
		if err := black.posts[0].pending(action); err != nil {
			return nil, err
		}
		what := "16 at once on 4 switches beside a blackholed one : without, p95"
		return compareTimes(what, found[0], figure{found[1].in, "ms"}, figure{found[1].out, "ms"}, ratioAtMost(1.05)), nil
	}
}

// duringSave is a client who comes when the switch has just begun to save. The device does nothing else meanwhile.
func duringSave(b *testing.B) measurement {
	b.Helper()
	f := nexus()
	r := newHall(b, "1s").install(b, f, "saving", 2, "")
	first, second := &wave{posts: r.posts[:1], figure: last}, &wave{posts: r.posts[1:], figure: last}
	return func() ([]row, error) {
		if _, err := first.rush("connect", 0); err != nil {
			return nil, err
		}
		err := within(patience, "the switch saves", func() (bool, error) {
			return strings.Contains(r.said.String(), "copy running-config"), nil
		})
		if err != nil {
			return nil, err
		}
		took, err := second.rush("connect", 0)
		device := deviceTime(f.connecting(1, []int{vlanOf(0)}, false), false)
		device.value += milliseconds(saveTime)
		return []row{{"connect, " + f.name + ", when a save has just begun", figure{milliseconds(took), "ms"}, device, goal{}}}, err
	}
}
