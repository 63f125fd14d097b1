package ovsdb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"reflect"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve lets f speak as the server to the one client that is returned.
func serve(t testing.TB, f func(r *bufio.Reader, w io.Writer)) *ovsdb.Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		f(bufio.NewReader(iotest.OneByteReader(conn)), conn)
		_ = conn.Close()
	}()
	e, err := ovsdb.ParseEndpoint("unix:" + socket)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ovsdb.Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), l.Close(); <-ended })
	return c
}

// answer gives one answer to whatever is asked.
func answer(text string) func(*bufio.Reader, io.Writer) {
	return func(r *bufio.Reader, w io.Writer) {
		_, _ = r.ReadString('}')
		_, _ = io.WriteString(w, text)
		_, _ = io.Copy(io.Discard, r)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		code   sdk.Code
	}{
		"no JSON":            {"220 mail.example.org ESMTP\r\n", sdk.Unavailable},
		"other JSON":         {`["hello"]`, sdk.Unavailable},
		"a refusal":          {`{"id":1,"result":null,"error":"unknown database"}`, sdk.Refused},
		"too few results":    {`{"id":1,"result":[],"error":null}`, sdk.Internal},
		"an absent result":   {`{"id":1}`, sdk.Internal},
		"results of no kind": {`{"id":1,"result":[5],"error":null}`, sdk.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, answer(c.answer)).Transact(t.Context(), ovsdb.Select("Port", []string{"name"}))
			if sdk.CodeOf(err) != c.code {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAFailedOperationHasItsWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"id":1,"result":[{"error":"timed out","details":"too late"}],"error":null}`,
		`{"id":1,"result":[{"count":1},{"error":"timed out","details":"too late"}],"error":null}`,
	} {
		_, err := serve(t, answer(text)).Transact(t.Context(), ovsdb.Increment("Open_vSwitch", "next_cfg"))
		e, ok := errors.AsType[*ovsdb.OperationError](err)
		if !ok || e.Word != ovsdb.TimedOut || e.Details != "too late" {
			t.Errorf("%v", err)
		}
	}
}

// TestTheServerIsAnswered has a server that wants an echo before it says anything, and says things that nobody asked for.
func TestTheServerIsAnswered(t *testing.T) {
	t.Parallel()
	c := serve(t, func(r *bufio.Reader, w io.Writer) {
		_, _ = io.WriteString(w, `{"id":"probe","method":"echo","params":["x"]}{"id":null,"method":"update","params":[]}{"id":99,"result":[]}`)
		var m struct{ ID, Result any }
		for d := json.NewDecoder(r); m.ID != "probe"; {
			if d.Decode(&m) != nil {
				return // no echo came: hang up
			}
		}
		_, _ = fmt.Fprintf(w, `{"id":1,"result":[{"rows":[{"name":"%v"}]}],"error":null}`, m.Result)
		_, _ = io.Copy(io.Discard, r)
	})
	results, err := c.Transact(t.Context(), ovsdb.Select("Port", []string{"name"}))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Name string }
	if err := results[0].Decode(&rows); err != nil || len(rows) != 1 || rows[0].Name != "[x]" {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestASilentServerEndsWithTheContext(t *testing.T) {
	t.Parallel()
	c := serve(t, func(r *bufio.Reader, _ io.Writer) { _, _ = io.Copy(io.Discard, r) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Transact(ctx); sdk.CodeOf(err) != sdk.Timeout {
		t.Error(err)
	}
	if _, err := c.Transact(t.Context()); sdk.CodeOf(err) != sdk.Unavailable {
		t.Errorf("after a call was given up: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	e, err := ovsdb.ParseEndpoint("unix:" + filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ovsdb.Dial(t.Context(), e); sdk.CodeOf(err) != sdk.Unavailable || !sdk.IsRetryable(err) {
		t.Error(err)
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ovsdb.Set[int]{
		`5`:               {5},
		`["set",[]]`:      {},
		`["set",[5]]`:     {5},
		`["set",[5,6,7]]`: {5, 6, 7},
	} {
		var got ovsdb.Set[int]
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if b, err := json.Marshal(ovsdb.Set[int](nil)); err != nil || string(b) != `["set",[]]` {
		t.Errorf("%s, %v", b, err)
	}
	var rows ovsdb.Set[ovsdb.UUID]
	if err := json.Unmarshal([]byte(`["uuid","a"]`), &rows); err != nil || !reflect.DeepEqual(rows, ovsdb.Set[ovsdb.UUID]{"a"}) {
		t.Errorf("%v, %v", rows, err)
	}
	if err := json.Unmarshal([]byte(`["named-uuid","a"]`), &rows); err == nil {
		t.Error("that is no UUID")
	}
}

func FuzzSet(f *testing.F) {
	f.Add([]byte(`["set",[["uuid","a"],["uuid","b"]]]`))
	f.Add([]byte(`["uuid","set"]`))
	f.Add([]byte(`["set",null]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s, again ovsdb.Set[ovsdb.UUID]
		if json.Unmarshal(b, &s) != nil {
			return
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &again); err != nil || len(again) != len(s) || len(s) > 0 && !reflect.DeepEqual(again, s) {
			t.Errorf("%s became %s", b, text)
		}
	})
}

func FuzzEndpoint(f *testing.F) {
	f.Add("unix:/var/run/openvswitch/db.sock")
	f.Add("ssl:[::1]:6640")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := ovsdb.ParseEndpoint(text); err == nil && e.String() != text {
			t.Errorf("%q became %q", text, e)
		}
	})
}

// FuzzAnswer lets a server say anything at all.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"id":1,"result":[{"rows":[]}],"error":null}`)
	f.Add(`{"id":1,"result":[null,{"error":"x"}],"error":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		c := serve(t, func(r *bufio.Reader, w io.Writer) {
			_, _ = r.ReadString('}')
			_, _ = io.WriteString(w, text)
		})
		_, _ = c.Transact(t.Context(), ovsdb.Select("Port", nil))
	})
}
