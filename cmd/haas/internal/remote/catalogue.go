package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Catalogue are the types of one kind of device that a server's drivers serve, each with the settings it takes. It is
// nil if the server does not tell.
type Catalogue map[string]DeviceSettings

// DeviceSettings are what a type of device is registered with, by name.
type DeviceSettings map[string]DeviceSetting

// DeviceSetting is one of them.
type DeviceSetting struct {
	// Type is JSON's word for the value, such as string or integer; empty if it can be several.
	Type string
	// Secret values are never shown.
	Secret bool
	// Text says what the setting is for.
	Text string
}

// document is as much of the API's description as tells of devices.
type document struct {
	Components struct {
		Schemas map[string]struct {
			Discriminator struct{ Mapping map[string]string }
			Properties    map[string]struct {
				Type               any
				WriteOnly          bool
				Title, Description string
			}
		}
	}
}

// Catalogue reads the server's description of itself. Only a server that cannot be reached is an error: one that
// describes itself otherwise still takes registrations.
func (s *Server) Catalogue(ctx context.Context, k Kind) (Catalogue, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Server+"openapi.json", http.NoBody)
	if err != nil {
		return nil, err
	}
	doc, err := Read[document](s.Client.Client.Do(r))
	if _, unreachable := errors.AsType[*UnreachableError](err); unreachable || ctx.Err() != nil {
		return nil, err
	}
	return doc.catalogue(k), nil
}

func (d document) catalogue(k Kind) Catalogue {
	var c Catalogue
	for url, ref := range d.Components.Schemas[k.component()].Discriminator.Mapping {
		if c == nil {
			c = Catalogue{}
		}
		c[url] = d.settings(path.Base(ref))
	}
	return c
}

func (d document) settings(schema string) DeviceSettings {
	all := DeviceSettings{}
	for name, p := range d.Components.Schemas[schema].Properties {
		single, _ := p.Type.(string)
		all[name] = DeviceSetting{Type: single, Secret: p.WriteOnly, Text: cmp.Or(p.Description, p.Title)}
	}
	delete(all, "type")
	return all
}

// URL is the type that a person means by its URL or by the last word of it. A word that several types end in is that
// of HaaS's own driver.
func (c Catalogue) URL(k Kind, name string) (string, error) {
	url := k.URL(name)
	_, known := c[url]
	if known || c == nil || strings.Contains(name, "://") {
		return url, nil
	}
	urls := slices.Sorted(maps.Keys(c))
	found := slices.DeleteFunc(slices.Clone(urls), func(url string) bool { return path.Base(url) != name })
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("no driver that runs serves the type %q; there are %s; \"haas driver list\" tells more", name, strings.Join(c.Words(k), ", "))
	default:
		return "", fmt.Errorf("several types are called %q; write one of %s", name, strings.Join(found, ", "))
	}
}

// Words are the shortest names of the types.
func (c Catalogue) Words(k Kind) []string {
	var words []string
	for url := range c {
		words = append(words, k.Word(url))
	}
	slices.Sort(words)
	return words
}
