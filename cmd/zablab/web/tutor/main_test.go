package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/scenarios/learn"
)

// ask returns what the program writes for a request.
func ask(t *testing.T, request any) ([]byte, error) {
	t.Helper()
	in, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = answer(bytes.NewReader(in), &out)
	return out.Bytes(), err
}

// Each exercise that a page can check is solved by its solution, and refuses a wrong answer with a
// drawing or a reason; a repair exercise is refused.
func TestVerdicts(t *testing.T) {
	for _, x := range learn.All() {
		check := func(text []byte) (v verdict, err error) {
			out, err := ask(t, map[string]any{"check": question{x.ID(), string(text)}})
			if err == nil {
				err = json.Unmarshal(out, &v)
			}
			return v, err
		}
		v, err := check(x.Solution)
		if x.Kind == learn.Repair {
			if err == nil {
				t.Errorf("%s: a page cannot compile, and says %s", x.ID(), v.Status)
			}
			continue
		}
		if err != nil || v.Status != learn.Passed || v.Lesson != x.Lesson {
			t.Errorf("%s: the solution is %s: %s %v", x.ID(), v.Status, v.Why, err)
		}
		v, err = check(x.Wrong[0].Answer)
		if err != nil || v.Status != learn.Failed || !strings.Contains(v.Why, x.Wrong[0].Reason) {
			t.Errorf("%s: a wrong answer is %s: %s %v", x.ID(), v.Status, v.Why, err)
		}
		if len(v.Drawing) == 0 && len(v.Details) == 0 {
			t.Errorf("%s: nothing shows what happens instead", x.ID())
		}
	}
	if _, err := ask(t, map[string]any{"check": question{"99", "a"}}); err == nil {
		t.Error("there is an exercise 99")
	}
}

// A request without a check is one for a run.
func TestRuns(t *testing.T) {
	r := fork.Request{Source: fork.Source{Name: "a.mmd", Text: "sequenceDiagram\nA->>ZK: create /x"}}
	got, err := ask(t, &r)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := fork.Play(&r, &want); err != nil {
		t.Fatal(err)
	}
	cut := func(b []byte) string { s, _, _ := strings.Cut(string(b), `"ms"`); return s }
	if cut(got) != cut(want.Bytes()) {
		t.Errorf("%.200s", got)
	}
}
