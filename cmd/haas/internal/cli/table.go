package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
)

// table prints columns for people.
type table struct{ out *tabwriter.Writer }

func newTable(w io.Writer) *table {
	return &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
}

// row prints one line. What devices and users said cannot move the cursor.
func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = clean(cell)
	}
	fmt.Fprintln(t.out, strings.Join(cells, "\t"))
}

// clean is a text that cannot move the cursor.
func clean(text string) string { return strings.Map(printable, text) }

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

func (t *table) flush() error { return t.out.Flush() }

// or is the text, or a dash where there is none.
func or(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}

// pairs are a map's entries as "key=value", sorted.
func pairs(m map[string]string) string {
	var all []string
	for key, value := range m {
		all = append(all, key+"="+value)
	}
	slices.Sort(all)
	return list(all)
}

func list(items []string) string {
	if len(items) == 0 {
		return "-"
	}
	return strings.Join(items, ", ")
}
