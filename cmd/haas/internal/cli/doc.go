// Package cli is the part of the command haas that speaks to a server: a tree of nouns and verbs, the flat commands
// of older versions, and completion. It knows the API through openapi/client and nothing of the server's inside.
package cli
