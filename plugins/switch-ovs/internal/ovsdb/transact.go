package ovsdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// Operation is one step of a transaction.
type Operation map[string]any

// Condition limits an operation to some rows: column, function, value.
type Condition [3]any

// Is is the condition that a column has a value.
func Is(column string, value any) Condition { return Condition{column, "==", value} }

// Select asks for columns of the rows that meet all conditions.
func Select(table string, columns []string, where ...Condition) Operation {
	return Operation{"op": "select", "table": table, "columns": columns, "where": conditions(where)}
}

// Update sets the columns of row in the rows that meet all conditions.
func Update(table string, row any, where ...Condition) Operation {
	return Operation{"op": "update", "table": table, "row": row, "where": conditions(where)}
}

// Increment adds one to a column of every row.
func Increment(table, column string) Operation {
	return Operation{"op": "mutate", "table": table, "where": conditions(nil), "mutations": []any{[]any{column, "+=", 1}}}
}

// Await lets the transaction wait until some row meets all conditions. If none does in time the transaction fails with
// TimedOut.
func Await(table string, limit time.Duration, where ...Condition) Operation {
	return Operation{
		"op": "wait", "table": table, "where": conditions(where), "timeout": limit.Milliseconds(),
		"columns": []string{"_uuid"}, "until": "!=", "rows": []any{}, // what is found differs from nothing
	}
}

// conditions are never absent: a server wants to see that all rows are meant.
func conditions(where []Condition) []Condition { return append([]Condition{}, where...) }

// TimedOut is the word of an OperationError whose Await was in vain.
const TimedOut = "timed out"

// OperationError is an operation that failed, with the server's own words. Nothing of its transaction was done.
type OperationError struct {
	// Word is the kind of failure: "timed out", "constraint violation".
	Word string
	// Details are for people.
	Details string
}

func (e *OperationError) Error() string { return e.Word + ": " + e.Details }

// Result is what became of one operation.
type Result struct {
	// Count is how many rows an Update or Increment met.
	Count int `json:"count"`
	// Rows are what a Select found.
	Rows json.RawMessage `json:"rows"`

	Error   string `json:"error"`
	Details string `json:"details"`
}

// Decode reads the rows of a Select into a pointer to a slice.
func (r Result) Decode(rows any) error {
	if err := json.Unmarshal(r.Rows, rows); err != nil {
		return fmt.Errorf("understand the rows of Open vSwitch: %w", err)
	}
	return nil
}

// Transact does all operations or none, and gives a result for each.
func (c *Client) Transact(ctx context.Context, ops ...Operation) ([]Result, error) {
	params := []any{database}
	for _, op := range ops {
		params = append(params, op)
	}
	answer, err := c.call(ctx, "transact", params...)
	if err != nil {
		return nil, err
	}
	results, err := parseResults(answer, len(ops))
	if _, failed := errors.AsType[*OperationError](err); failed || err == nil {
		return results, err
	}
	return nil, &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("understand Open vSwitch at %s: %v", c.endpoint, err)}
}

// parseResults reads the results of n operations. A transaction that fails as a whole has one more.
func parseResults(answer json.RawMessage, n int) ([]Result, error) {
	var results []Result
	if err := json.Unmarshal(answer, &results); err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Error != "" {
			return nil, &OperationError{Word: r.Error, Details: r.Details}
		}
	}
	if len(results) != n {
		return nil, fmt.Errorf("%d results for %d operations", len(results), n)
	}
	return results, nil
}
