package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is a mistake in a file. It never repeats the text around it, which may be a secret.
type Error struct {
	File string
	// Line is 0 if the mistake has no line of its own.
	Line int
	Text string
}

// Error is file, line and what is wrong.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Load reads a file: HIL's site-layout.json if its name ends in .json, else the YAML that Parse takes.
func Load(path string) (*Site, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the site: %w", err)
	}
	if strings.HasSuffix(path, ".json") {
		return ParseLayout(path, content)
	}
	return Parse(path, content)
}

// Parse reads a site in YAML; name stands for the file in errors, of which each mistake gives one.
func Parse(name string, content []byte) (*Site, error) {
	var s Site
	if err := decode(name, content, &s, true); err != nil {
		return nil, err
	}
	return checked(name, &s)
}

// decode reads the one document of a file. Strictly, keys must be known.
func decode(name string, content []byte, into any, strict bool) error {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(strict)
	err := d.Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return mistakes(name, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return &Error{File: name, Text: "holds more than one document; remove what follows ---"}
	}
	return nil
}

// mistakes turns the library's errors into ours.
func mistakes(name string, err error) error {
	texts := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if e, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = e.Errors
	}
	var all []error
	for _, text := range texts {
		all = append(all, mistake(name, text))
	}
	return errors.Join(all...)
}

var (
	// atLine is how the library's errors begin.
	atLine = regexp.MustCompile(`^line (\d+): `)
	// unknownKey is how the library names a key and the Go type that lacks it.
	unknownKey = regexp.MustCompile(`^field (.*) not found in type .*`)
	// wrongType is how it repeats a value, which may be a secret, and names a Go type.
	wrongType = regexp.MustCompile(`(?s)^cannot unmarshal (!!\w+).*`)
)

func mistake(name, text string) error {
	e := &Error{File: name}
	if at := atLine.FindStringSubmatch(text); at != nil {
		e.Line, _ = strconv.Atoi(at[1])
		text = text[len(at[0]):]
	}
	text = unknownKey.ReplaceAllString(text, "unknown key $1")
	e.Text = wrongType.ReplaceAllString(text, "a value of type $1 cannot stand here")
	return e
}

func checked(name string, s *Site) (*Site, error) {
	c := checker{file: name, seen: map[string]int{}}
	c.site(s)
	if len(c.mistakes) > 0 {
		return nil, errors.Join(c.mistakes...)
	}
	return s, nil
}
