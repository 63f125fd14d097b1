// Command go walks a machine through its life with the generated client, and prints each step. The server is
// $HAAS_ENDPOINT; $HAAS_USERNAME is an administrator with $HAAS_PASSWORD.
package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/CCI-MOC/haas/openapi/client"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	endpoint := cmp.Or(os.Getenv("HAAS_ENDPOINT"), "http://127.0.0.1:5000")
	api, err := client.NewClientWithResponses(endpoint, client.WithRequestEditorFn(identify))
	if err != nil {
		return err
	}
	for _, s := range workflow(ctx, api) {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.does, err)
		}
		fmt.Fprintln(os.Stdout, s.does)
	}
	return nil
}

// identify says who makes the request.
func identify(_ context.Context, req *http.Request) error {
	req.SetBasicAuth(os.Getenv("HAAS_USERNAME"), os.Getenv("HAAS_PASSWORD"))
	return nil
}
