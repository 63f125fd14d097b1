package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The character NUL is in no name, and no database can be asked about one that has it.
const nul = "\x00"

// checkNUL refuses requests with the character in the path, the query or the caller's name.
func checkNUL(r *http.Request, t target) *ErrorModel {
	name, _, _ := r.BasicAuth()
	// A query that cannot be read is refused later.
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	if !slices.ContainsFunc(append(slices.Clone(t), name, query), hasNUL) {
		return nil
	}
	return newModel(http.StatusBadRequest, "the path, the query or the user name contains the character NUL; no name has one, so leave it out")
}

func hasNUL(s string) bool { return strings.Contains(s, nul) }

// jsonHasNUL reports whether a string within a JSON value has the character, which can only stand there escaped.
func jsonHasNUL(value json.RawMessage) bool {
	if !bytes.Contains(value, []byte(`\u0000`)) {
		return false
	}
	for tokens := json.NewDecoder(bytes.NewReader(value)); ; {
		token, err := tokens.Token()
		if err != nil {
			return false
		}
		if s, ok := token.(string); ok && hasNUL(s) {
			return true
		}
	}
}
