//go:build !wasip1

package learn

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/learn/trial"
)

// before is code that comes before the first line of Lock.
func before(code, more string) []byte {
	x := Find(All(), "one-node")
	const at = "(node string, err error) {\n"
	return []byte(strings.Replace(string(x.Solution), at, at+code+"\n", 1) + more)
}

// TestSandbox: in the sandbox the solution passes, with the same report as outside of it, and programs
// that end early, never end, or eat memory get a sentence. One build and one sandbox serve all of them.
func TestSandbox(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling a program for wasm takes some seconds")
	}
	office, err := officeOf("lock")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		key, code, more string
		says            string
	}{{key: "good"},
		{key: "panics", code: `var m map[string]int; m["x"] = 1`, says: "assignment to entry in nil map"},
		{key: "loops", code: "for n := 0; n >= 0; n += 2 { n-- }", says: "did not end within 1s"},
		{key: "calls", code: "for p.Now() >= 0 { p.State() }", says: "did not end within 1s"},
		{key: "deep", code: "deeper(1)", more: "func deeper(n int) int { var b [1 << 12]int; b[n&7]++; return deeper(n+1) + b[n&7] }",
			says: "a function calls itself for ever"},
		{key: "eats", code: "var list [][]byte\nfor { list = append(list, make([]byte, 1<<26)) }",
			says: "more than 256 MB"},
	}
	var answers []answer
	for _, c := range cases {
		text := before(c.code, c.more)
		if e := refusals("lock.go", text, office.functions); e != nil {
			t.Fatalf("%s: %v", c.key, e)
		}
		answers = append(answers, answer{c.key, "lock.go", text, office})
	}
	ctx := context.Background()
	began := time.Now()
	file, err := build(ctx, ours.Clone, t.TempDir(), answers, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("built in %s", time.Since(began))
	began = time.Now()
	box, err := openSandbox(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	defer box.close(ctx)
	t.Logf("compiled in %s", time.Since(began))
	settings := trial.Settings{Recipe: recipe.Lock("/lock"), Seeds: 4, Shrinking: 3}
	for _, c := range cases {
		began := time.Now()
		limit := DefaultLimit
		if strings.Contains(c.says, "within 1s") {
			limit = time.Second
		}
		r, err := box.run(ctx, c.key, &settings, limit)
		var end *stopped
		says := r.Text
		if errors.As(err, &end) {
			says = end.text
		} else if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s in %s: %s", c.key, time.Since(began), says)
		if c.says == "" {
			sameOutside(t, answers[:1], &settings, &r)
		}
		if !strings.Contains(says, c.says) || c.says == "" && says != "" {
			t.Errorf("%s: %q, and not %q", c.key, says, c.says)
		}
	}
}

// sameOutside runs an answer without the sandbox, and compares the reports.
func sameOutside(t *testing.T, answers []answer, o *trial.Settings, inside *trial.Report) {
	t.Helper()
	file, err := build(t.Context(), ours.Clone, t.TempDir(), answers, true)
	if err != nil {
		t.Fatal(err)
	}
	outside, err := runNative(t.Context(), file, answers[0].key, o, DefaultLimit)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*inside, outside) {
		t.Errorf("inside  %+v\noutside %+v", *inside, outside)
	}
}
