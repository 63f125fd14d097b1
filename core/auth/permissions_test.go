package auth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/auth"
)

// TestEveryCallHasAPermission reads the use cases: each call they ask a permission for is in the table, and the table
// has no other.
func TestEveryCallHasAPermission(t *testing.T) {
	t.Parallel()
	files := parse(t, "../service")
	asked := map[auth.Call]bool{}
	takers := callTakers(files)
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if at, ok := takers[nameOf(c.Fun)]; ok {
					note(asked, c.Args[at])
				}
			}
			return true
		})
	}
	if len(asked) < 40 {
		t.Fatalf("only %d calls were found; is the test blind?", len(asked))
	}
	for _, call := range auth.Calls() {
		if !asked[call] {
			t.Errorf("nobody asks for %q", call)
		}
		delete(asked, call)
	}
	for call := range asked {
		t.Errorf("%q is not in the table", call)
	}
}

func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// callTakers are the functions that take an auth.Call, with the place of that parameter.
func callTakers(files []*ast.File) map[string]int {
	takers := map[string]int{"auth.Check": 1}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := 0
			for _, p := range fn.Type.Params.List {
				if nameOf(p.Type) == "auth.Call" {
					takers[fn.Name.Name] = at
				}
				at += max(1, len(p.Names))
			}
		}
	}
	return takers
}

// nameOf is "f" for f, x.f of a receiver, and "auth.f" for what is from package auth.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok && x.Name == "auth" {
			return "auth." + e.Sel.Name
		}
		return e.Sel.Name
	}
	return ""
}

func note(asked map[auth.Call]bool, arg ast.Expr) {
	if lit, ok := arg.(*ast.BasicLit); ok {
		text, _ := strconv.Unquote(lit.Value)
		asked[auth.Call(text)] = true
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	callers := map[string]auth.Caller{
		"nobody": {}, "member": {Name: "m", Projects: []int64{1}}, "zero": {Name: "z", Projects: []int64{0}}, "admin": {Admin: true},
	}
	objects := map[string]auth.Object{
		"nothing": auth.Nothing, "own": auth.Of(1), "another's": auth.Of(2), "nobody's": auth.Of(0),
		"shared": {Projects: []int64{2, 1}}, "open": {Projects: []int64{0}, Open: true}, "another's, open": {Projects: []int64{2}, Open: true},
	}
	// What each caller apart from the administrator may do with which object.
	own := []string{"member own", "member shared"}
	for call, allowed := range map[auth.Call][]string{
		"project_delete": {},
		"no_such_call":   {},
		"node_power":     own,
		"node_show": append(slices.Clone(own), "nobody open", "member open", "zero open",
			"nobody another's, open", "member another's, open", "zero another's, open"),
	} {
		for who, c := range callers {
			for what, o := range objects {
				want := c.Admin || slices.Contains(allowed, who+" "+what)
				if err := auth.Check(auth.With(t.Context(), c), call, o); (err == nil) != want {
					t.Errorf("%s by %s on what is %s: %v", call, who, what, err)
				}
			}
		}
	}
	if err := auth.Check(t.Context(), "node_list", auth.Nothing); err != nil {
		t.Errorf("a call for anybody: %v", err)
	}
}

func TestCallerOfAContext(t *testing.T) {
	t.Parallel()
	if c := auth.From(t.Context()); c.Admin || c.Name != "" || len(c.Projects) != 0 {
		t.Errorf("without a caller: %+v", c)
	}
	if c := auth.From(auth.With(t.Context(), auth.Caller{Name: "root", Admin: true})); !c.Admin || c.Name != "root" {
		t.Errorf("with an administrator: %+v", c)
	}
}
