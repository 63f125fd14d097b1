package main

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/command/sensor"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk/obm"
)

// thorough is how long all sensors, or the whole inventory, may take: controllers with two hundred sensors need ten
// seconds, and one whose list of them runs in a circle needs for ever.
const thorough = time.Minute

// thresholds are the states of a sensor that measures, in words.
var thresholds = map[types.SensorThresholdStatus]string{
	types.SensorThresholdStatus_OK:  "ok",
	types.SensorThresholdStatus_LNC: "low",
	types.SensorThresholdStatus_UNC: "high",
	types.SensorThresholdStatus_LCR: "critically low",
	types.SensorThresholdStatus_UCR: "critically high",
	types.SensorThresholdStatus_LNR: "destructively low",
	types.SensorThresholdStatus_UNR: "destructively high",
}

// Sensors reads those that the controller describes in its repository.
func (s *session) Sensors(ctx context.Context) ([]obm.Sensor, error) {
	ctx, cancel := context.WithTimeout(ctx, thorough)
	defer cancel()
	var sensors []obm.Sensor
	err := s.ask(ctx, "sensors", func(ctx context.Context, c *client.Client) error {
		records, err := c.GetSDRsRaw(ctx, types.SDRRecordTypeFullSensor, types.SDRRecordTypeCompactSensor)
		if hasCode(err, types.CodeRequestedDataNotPresent) {
			return nil // an empty repository
		}
		if err != nil {
			return err
		}
		sensors = make([]obm.Sensor, len(records))
		for i, r := range records {
			if sensors[i], err = read(ctx, c, describe(r)); err != nil {
				return err
			}
		}
		return nil
	})
	return sensors, err
}

// describe is a sensor as its record describes it, without a reading.
func describe(r *types.SDR) *types.Sensor {
	s := &types.Sensor{SDRRecordType: r.RecordHeader.RecordType, HasAnalogReading: r.HasAnalogReading()}
	if f := r.Full; f != nil {
		s.GeneratorID, s.Number, s.Name = f.GeneratorID, uint8(f.SensorNumber), text(f.IDStringBytes)
		s.SensorType, s.EventReadingType, s.SensorUnit = f.SensorType, f.SensorEventReadingType, f.SensorUnit
		s.Threshold.LinearizationFunc, s.Threshold.ReadingFactors = f.LinearizationFunc, f.ReadingFactors
	}
	if k := r.Compact; k != nil {
		s.GeneratorID, s.Number, s.Name = k.GeneratorID, uint8(k.SensorNumber), text(k.IDStringBytes)
		s.SensorType, s.EventReadingType, s.SensorUnit = k.SensorType, k.SensorEventReadingType, k.SensorUnit
	}
	return s
}

// read asks for a sensor's reading. A sensor that the controller does not read is no reason to lose the others.
func read(ctx context.Context, c *client.Client, s *types.Sensor) (obm.Sensor, error) {
	owner := (&client.CommandContext{}).WithResponderAddr(s.GeneratorID.OwnerID()).WithResponderLUN(s.GeneratorID.LUN())
	ctx = client.WithCommandContext(ctx, owner)
	reading, err := c.GetSensorReading(ctx, s.Number)
	if _, refused := types.IsResponseError(err); refused {
		return obm.Sensor{Name: s.Name, State: "not present"}, nil
	}
	if err != nil {
		return obm.Sensor{}, err
	}
	if s.Threshold.LinearizationFunc.IsNonLinear() {
		factors, err := c.GetSensorReadingFactors(ctx, s.Number, reading.Reading)
		if err != nil {
			return obm.Sensor{Name: s.Name, State: "not readable"}, ignoreRefusal(err)
		}
		s.Threshold.ReadingFactors = factors.ReadingFactors
	}
	return interpret(s, reading), nil
}

func ignoreRefusal(err error) error {
	if _, refused := types.IsResponseError(err); refused {
		return nil
	}
	return err
}

// interpret puts a reading into words and units.
func interpret(s *types.Sensor, r *sensor.GetSensorReadingResponse) obm.Sensor {
	named := obm.Sensor{Name: s.Name}
	switch {
	case r.SensorScanningDisabled:
		named.State = "not scanned"
		return named
	case r.ReadingUnavailable:
		named.State = "no reading"
		return named
	case s.IsThreshold():
		named.State = thresholds[r.ThresholdStatus()]
	default:
		s.Discrete.ActiveStates = r.ActiveStates
		named.State = strings.Join(s.DiscreteActiveEventsString(), ", ")
	}
	value := s.ConvertReading(r.Reading)
	if s.HasAnalogReading && s.SensorUnit.IsAnalog() && !math.IsNaN(value) && !math.IsInf(value, 0) {
		named.Value, named.Unit = &value, s.SensorUnit.String()
	}
	return named
}
