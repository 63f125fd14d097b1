package remote

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// DefaultEndpoint is where a server listens that nobody told otherwise.
const DefaultEndpoint = "http://127.0.0.1:5000"

// Settings say which server to call, and as whom. An empty Username means anonymously.
type Settings struct {
	Endpoint, Username, Password string
}

// Find puts the settings together. The endpoint is flag's, else that of HAAS_ENDPOINT or HIL_ENDPOINT, else that of
// [client] in the file HAAS_CONFIG names or in dir's haas.cfg or hil.cfg, else DefaultEndpoint. User and password are
// those of HAAS_USERNAME and HAAS_PASSWORD, or of HIL_USERNAME and HIL_PASSWORD; one without the other is ignored, as
// it always was.
func Find(flag, dir string, getenv func(string) string) (Settings, error) {
	s := Settings{Endpoint: firstSet(flag, getenv("HAAS_ENDPOINT"), getenv("HIL_ENDPOINT"))}
	for _, era := range []string{"HAAS", "HIL"} {
		user, password := getenv(era+"_USERNAME"), getenv(era+"_PASSWORD")
		if s.Username == "" && user != "" && password != "" {
			s.Username, s.Password = user, password
		}
	}
	if s.Endpoint != "" {
		return s, nil
	}
	endpoint, err := configured(dir, getenv("HAAS_CONFIG"))
	s.Endpoint = firstSet(endpoint, DefaultEndpoint)
	return s, err
}

func firstSet(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// configured is the endpoint of the first configuration file there is, empty if it has none.
func configured(dir, named string) (string, error) {
	files := []string{filepath.Join(dir, "haas.cfg"), filepath.Join(dir, "hil.cfg")}
	if named != "" {
		files = []string{named}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		// A file for the server alone may be closed to its users.
		if named == "" && (errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("find the server's address: %w; set HAAS_ENDPOINT", err)
		}
		return EndpointIn(string(text)), nil
	}
	return "", nil
}

// normalize checks an endpoint and removes what clients of all eras may have put at its end.
func normalize(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the server's address is no URL like " + DefaultEndpoint +
			"; mend --endpoint, HAAS_ENDPOINT or endpoint under [client] in haas.cfg")
	}
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v0")
	u.RawPath = ""
	return u, nil
}
