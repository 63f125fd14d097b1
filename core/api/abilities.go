package api

import (
	"context"
	"math"
	"net/http"

	"github.com/CCI-MOC/haas/sdk/obm"
)

// Sensor is one sensor in the answer of node-sensors.
type Sensor struct {
	Name  string   `json:"name" doc:"The controller's name of the sensor." example:"CPU1 Temp"`
	Value *float64 `json:"value" doc:"What it measures; null if it measures nothing, or nothing now." example:"41"`
	Unit  string   `json:"unit" doc:"The unit of value, empty if it has none." example:"degrees C"`
	State string   `json:"state" doc:"What the controller thinks of it, in its own words." example:"ok"`
}

// Part is one part in the answer of node-inventory. What the controller does not know is empty.
type Part struct {
	Name         string `json:"name" doc:"The controller's name of the part." example:"system"`
	Manufacturer string `json:"manufacturer" doc:"Who made it." example:"Dell"`
	Product      string `json:"product" doc:"What its maker calls it." example:"PowerEdge R620"`
	PartNumber   string `json:"part_number" doc:"Its maker's number for the model." example:"0GFKVD"`
	Serial       string `json:"serial" doc:"Its own number." example:"CN7016300900A4"`
	Version      string `json:"version" doc:"Its revision." example:"A00"`
	AssetTag     string `json:"asset_tag" doc:"The number its owner gave it." example:"rack-7"`
}

// Identification is the body of node-identify.
type Identification struct {
	Seconds *int `json:"seconds,omitempty" minimum:"0" doc:"For how long the lamp is lit; 0 puts it out. Without it, 15." example:"15"`
}

// defaultIdentify is for how many seconds a lamp is lit if nobody says for how long.
const defaultIdentify = 15

func (s *server) abilities(g group) {
	query(g, operation{
		id: "node-sensors", method: http.MethodGet, path: "/v0/node/{node}/sensors", summary: "Read the sensors of a node",
		description: "They are read now, in the controller's order.", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) ([]Sensor, error) {
		sensors, err := s.Service.NodeSensors(ctx, in.Node)
		return sensorsOf(sensors), err
	})

	query(g, operation{
		id: "node-inventory", method: http.MethodGet, path: "/v0/node/{node}/inventory", summary: "List what a node is made of",
		description: "As its controller tells it now, the node as a whole first.", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) ([]Part, error) {
		parts, err := s.Service.NodeInventory(ctx, in.Node)
		return partsOf(parts), err
	})

	command(g, operation{
		id: "node-identify", method: http.MethodPost, path: "/v0/node/{node}/identify", summary: "Light the lamp that tells a node from its neighbours",
		errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		NodePath
		// A pointer, so that the document calls the body optional. It is never nil: no body is read as {}.
		Body *Identification
	}) error {
		seconds := defaultIdentify
		if in.Body.Seconds != nil {
			seconds = *in.Body.Seconds
		}
		return s.Service.NodeIdentify(ctx, in.Node, seconds)
	})
}

func sensorsOf(found []obm.Sensor) []Sensor {
	all := make([]Sensor, 0, len(found))
	for _, s := range found {
		shown := Sensor{Name: s.Name, Value: s.Value, Unit: s.Unit, State: s.State}
		if s.Value != nil && (math.IsNaN(*s.Value) || math.IsInf(*s.Value, 0)) {
			shown.Value = nil // JSON has no such numbers
		}
		all = append(all, shown)
	}
	return all
}

func partsOf(found []obm.Part) []Part {
	all := make([]Part, 0, len(found))
	for _, p := range found {
		all = append(all, Part(p))
	}
	return all
}
