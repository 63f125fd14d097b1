package api

import (
	"context"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core/drivers"
)

// Driver is one driver program in driver-list.
type Driver struct {
	Name      string    `json:"name" doc:"Name of the program." example:"switch-mock"`
	Kind      string    `json:"kind" doc:"switch, obm or headnode." example:"switch"`
	Version   string    `json:"version" doc:"The driver's own version; empty if it never ran." example:"1.0.0"`
	Types     []string  `json:"types" doc:"The type URLs it serves." example:"http://schema.massopencloud.org/haas/v0/switches/mock"`
	State     string    `json:"state" doc:"starting, running, restarting, broken or refused." example:"running"`
	Since     time.Time `json:"since" doc:"When the state began."`
	Restarts  int       `json:"restarts" doc:"How often it was launched again." example:"0"`
	LastError *string   `json:"last_error" doc:"The last thing that went wrong, even if it has been mended since; null if nothing ever did."`
}

func (s *server) drivers() {
	g := s.group("drivers", "The programs that speak to devices.")

	query(g, operation{
		id: "driver-list", method: http.MethodGet, path: "/v0/drivers", summary: "List the drivers and how they are",
	}, func(ctx context.Context, _ *struct{}) ([]Driver, error) {
		found, err := s.Service.DriverList(ctx)
		return driversOf(found), err
	})

	query(g, operation{
		id: "active-extensions", method: http.MethodGet, path: "/v0/active_extensions", summary: "List the names of what is loaded",
	}, func(ctx context.Context, _ *struct{}) ([]string, error) {
		names, err := s.Service.ActiveExtensions(ctx)
		return list(names), err
	})
}

func driversOf(found []drivers.Status) []Driver {
	all := make([]Driver, 0, len(found))
	for _, d := range found {
		all = append(all, Driver{
			Name: d.Name, Kind: d.Kind, Version: d.Version, Types: list(d.Types), State: string(d.State),
			Since: d.Since.UTC(), Restarts: d.Restarts, LastError: known(d.LastError),
		})
	}
	return all
}
