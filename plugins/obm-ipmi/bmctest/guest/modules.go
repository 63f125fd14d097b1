package guest

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// module is a part of the kernel that is loaded by itself.
type module struct {
	name    string
	content []byte
}

// load reads the modules and all that they need, in an order in which they can be inserted. What is built into the
// kernel is left out.
func (g *Guest) load(names []string) ([]module, error) {
	l := loader{paths: map[string]string{}}
	if len(names) == 0 {
		return nil, nil
	}
	if err := l.index(g.modules); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := l.load(plain(name)); err != nil {
			return nil, err
		}
	}
	return l.loaded, nil
}

type loader struct {
	// paths are the files of modules by name, "" for those that are built in.
	paths  map[string]string
	loaded []module
}

// plain is the name of a module in the way that the kernel spells it.
func plain(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".ko"), "-", "_")
}

func (l *loader) index(dir string) error {
	builtin, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(builtin)) {
		l.paths[plain(strings.TrimSpace(line))] = ""
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".ko") {
			l.paths[plain(path)] = path
		}
		return err
	})
}

func (l *loader) load(name string) error {
	path, known := l.paths[name]
	if !known {
		return fmt.Errorf("the kernel has no module %q", name)
	}
	if path == "" || slices.ContainsFunc(l.loaded, func(m module) bool { return m.name == name }) {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	needed, err := needs(content)
	if err != nil {
		return fmt.Errorf("module %s: %w", path, err)
	}
	for _, n := range needed {
		if err := l.load(plain(n)); err != nil {
			return err
		}
	}
	l.loaded = append(l.loaded, module{name, content})
	return nil
}

// needs are the modules that a module says it needs.
func needs(content []byte) ([]string, error) {
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("it says nothing of itself")
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for field := range strings.SplitSeq(string(info), "\x00") {
		if list, ok := strings.CutPrefix(field, "depends="); ok && list != "" {
			return strings.Split(list, ","), nil
		}
	}
	return nil, nil
}
