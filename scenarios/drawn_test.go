package scenarios_test

import (
	"bytes"
	_ "embed"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// TestDrawingStage: a drawing contains every setting that is not the default, in the words of
// documents.
func TestDrawingStage(t *testing.T) {
	lab := `%% lab: servers=5 observers=1 tick=1s init-limit=7 session-timeout=3s latency=2ms..7ms fsync=1ms..1ms ` +
		`expiry=disconnect sync=quorum seed=0x9`
	r := play(t, "d.mmd", "sequenceDiagram\n"+lab+"\nA->>ZK: create /x\n",
		scenarios.Options{Keep: true})
	w := &r.Worlds[0]
	defer w.Close()
	var b bytes.Buffer
	if err := w.WriteDiagram(&b, drawing.DepthClient); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), lab+"\n") {
		t.Errorf("no %s in\n%s", lab, b.String())
	}
}

// TestDrawnFromTrace: a run and its trace have the same diagram, to the byte, and the diagram can
// be played.
func TestDrawnFromTrace(t *testing.T) {
	texts := map[string]string{}
	names := []string{"race-with-crashes.md", "many-faults.md"}
	for _, n := range names {
		texts[n] = document(t, n)
	}
	for _, c := range book.Chapters() {
		names, texts[c.Name] = append(names, c.Name), string(c.Text)
	}
	crash, err := sim.ParseFault("at A crashes crash S3")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for seed := range uint64(max(1, runs(6))) {
			o := scenarios.Options{Seed: &seed, Keep: true}
			if seed%2 == 1 && name == "03-the-leader-dies.md" {
				o.Plan = sim.Plan{crash}
			}
			r := play(t, name, texts[name], o)
			for i := range r.Worlds {
				drawnAlike(t, name, &r.Worlds[i])
				r.Worlds[i].Close()
			}
		}
	}
}

func drawnAlike(t *testing.T, name string, w *scenarios.World) {
	t.Helper()
	var file bytes.Buffer
	if err := w.WriteTrace(&file); err != nil {
		t.Fatal(err)
	}
	run, err := trace.Read(name, &file)
	if err != nil {
		t.Fatal(err)
	}
	for _, depth := range []drawing.Depth{drawing.DepthClient, drawing.DepthServer} {
		var b bytes.Buffer
		if err := w.WriteDiagram(&b, depth); err != nil {
			t.Fatal(err)
		}
		d := drawing.New(&run.Header, depth)
		for i := range run.Events {
			d.Add(&run.Events[i])
		}
		if diff := cmp.Diff(b.String(), d.Print("")); diff != "" {
			t.Errorf("%s with seed %d at depth %s: the run and its trace are drawn otherwise: %s",
				name, w.Seed, depth, diff)
		}
		again, err := try("again.mmd", b.String(), scenarios.Options{})
		if err != nil {
			t.Fatalf("%s with seed %d at depth %s cannot be played again: %v\n%s", name, w.Seed,
				depth, err, b.String())
		}
		sound(t, again)
	}
}

// goldenDrawing is a run with faults and calls of every kind, drawn at both depths. After a change
// that is meant: -rewrite, and read the difference.
//
//go:embed testdata/many-faults.mmd
var goldenDrawing string

func TestDrawnWords(t *testing.T) {
	r := play(t, "many-faults.md", document(t, "many-faults.md"), scenarios.Options{Keep: true})
	defer r.Worlds[0].Close()
	var b bytes.Buffer
	for _, depth := range []drawing.Depth{drawing.DepthClient, drawing.DepthServer} {
		if err := r.Worlds[0].WriteDiagram(&b, depth); err != nil {
			t.Fatal(err)
		}
	}
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile("testdata/many-faults.mmd", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(goldenDrawing, b.String()); d != "" {
		t.Errorf("%s\nIf drawings were meant to change: go test ./scenarios -run DrawnWords "+
			"-rewrite", d)
	}
}

// TestDrawnAgain: if the run of a chapter is drawn and the diagram played, clients have the same
// outcomes. The only exceptions are calls that could not be made, or were lost with their
// connection; and calls in a par, which leaves open which of them comes first: their outcomes may
// change places.
func TestDrawnAgain(t *testing.T) {
	for _, c := range book.Chapters() {
		for seed := range uint64(max(2, runs(12))) {
			r := play(t, c.Name, string(c.Text), scenarios.Options{Seed: &seed, Keep: true})
			lost := make(map[string]bool)
			for i := range r.Diagrams {
				for _, a := range r.Diagrams[i].Arrows {
					lost[a.Instead] = lost[a.Instead] || a.Kind == script.Call &&
						a.Verdict == scenarios.Different
				}
			}
			for i := range r.Worlds {
				var b bytes.Buffer
				if err := r.Worlds[i].WriteDiagram(&b, drawing.DepthClient); err != nil {
					t.Fatal(err)
				}
				drawn, came, open := []string{}, []string{}, strings.Contains(b.String(), "\n    par\n")
				for _, a := range play(t, "again.mmd", b.String(),
					scenarios.Options{}).Diagrams[0].Arrows {
					switch {
					case !a.Surprise() || lost[a.Instead]:
					case open && a.Kind == script.Reply && a.Verdict == scenarios.Different:
						drawn = append(drawn, outcomeIn(a.Text))
						came = append(came, outcomeIn(a.Instead))
					default:
						t.Errorf("%s with seed %d: %s is %v: %s\n%s", c.Name, seed, a.Text,
							a.Verdict, a.Instead, b.String())
					}
				}
				slices.Sort(drawn)
				slices.Sort(came)
				if !slices.Equal(drawn, came) {
					t.Errorf("%s with seed %d: drawn are %q, but %q came\n%s", c.Name, seed, drawn,
						came, b.String())
				}
				r.Worlds[i].Close()
			}
		}
	}
}

// outcomeIn returns the outcome in a drawn or a real answer: "ok", or why the call failed.
func outcomeIn(answer string) string {
	answer = strings.TrimPrefix(answer, "failed: ")
	if word, _, _ := strings.Cut(answer, " "); word == "success" || strings.TrimSuffix(word, ":") == "ok" {
		return "ok"
	}
	return answer
}
