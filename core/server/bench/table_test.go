package bench_test

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// figure is what was measured, in a unit; without a unit it is nothing.
type figure struct {
	value float64
	unit  string
}

// String is the figure with three digits or more.
func (f figure) String() string {
	switch {
	case f.unit == "":
		return "-"
	case f.value >= 100:
		return fmt.Sprintf("%.0f %s", f.value, f.unit)
	default:
		return fmt.Sprintf("%.3g %s", f.value, f.unit)
	}
}

// goal is a limit: of the ratio of both figures, or, if it has a unit, of HaaS's. Without a sign there is none.
type goal struct {
	sign  string
	limit figure
}

func ratioAtLeast(limit float64) goal { return goal{"≥", figure{value: limit}} }
func ratioAtMost(limit float64) goal  { return goal{"≤", figure{value: limit}} }
func below(limit float64, unit string) goal {
	return goal{"<", figure{limit, unit}}
}

// String is the limit with its sign.
func (g goal) String() string {
	if g.sign == "" {
		return "-"
	}
	if g.limit.unit == "" {
		return fmt.Sprintf("ratio %s %.2f", g.sign, g.limit.value)
	}
	return g.sign + " " + g.limit.String()
}

func (g goal) met(value float64) bool {
	if g.sign == "≥" {
		return value >= g.limit.value
	}
	return value <= g.limit.value
}

// row is one line of the table.
type row struct {
	what       string
	haas, bare figure
	goal       goal
}

func (r row) ratio() float64 { return r.haas.value / r.bare.value }

func (r row) met() string {
	if r.goal.sign == "" {
		return "-"
	}
	value := r.haas.value
	if r.goal.limit.unit == "" {
		value = r.ratio()
	}
	return map[bool]string{true: "yes", false: "NO"}[r.goal.met(value)]
}

// table is what all benchmarks found.
type table struct {
	rows []row
	// against is what HaaS is measured against.
	against string
}

func (t *table) add(rows ...row) { t.rows = append(t.rows, rows...) }

func (t *table) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nmeasured\tHaaS\t%s\tratio\tgoal\tmet\n", t.against)
	for _, r := range t.rows {
		ratio := "-"
		if r.bare.unit != "" {
			ratio = fmt.Sprintf("%.2f", r.ratio())
		}
		fmt.Fprintf(w, "%s\t%v\t%v\t%s\t%v\t%s\n", r.what, r.haas, r.bare, ratio, r.goal, r.met())
	}
	_ = w.Flush() // a program that cannot print cannot say so either
}
