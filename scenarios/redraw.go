package scenarios

import (
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// WriteDiagram writes what happened as a Mermaid diagram, which can be played in its turn. It is
// the one that a [Drawing] makes of the run's trace.
func (w *World) WriteDiagram(out io.Writer, depth Depth) error {
	h := w.header()
	d := NewDrawing(&h, depth)
	if w.Ensemble != nil {
		w.Ensemble.Tell(w.Records, d.Add)
	}
	for i := range w.Story {
		d.Add(&w.Story[i])
	}
	_, err := io.WriteString(out, d.Print(""))
	return err
}

// stageWords say what a run was played on, where it is not the default, and its seed.
func stageWords(h *trace.Header) (words []diagram.Word) {
	def := DefaultStage()
	usual := make(map[string]trace.Setting)
	for _, s := range def.settings() {
		usual[s.Key] = s
	}
	span := sim.Span{}
	add := func(key, value string) { words = append(words, diagram.Word{Key: key, Value: value}) }
	ranged := func(key string, s trace.Setting, usual sim.Span) {
		if span.Max = sim.Time(s.Number); span != usual {
			add(key, span.Min.String()+".."+span.Max.String())
		}
	}
	for _, s := range h.Config {
		switch old, known := usual[s.Key]; {
		case s.Key == "latencyMin", s.Key == "fsyncMin":
			span.Min = sim.Time(s.Number)
		case s.Key == "latencyMax":
			ranged("latency", s, def.Latency)
		case s.Key == "fsyncMax":
			ranged("fsync", s, def.Fsync)
		case !known || s == old:
		case s.Key == "tick" || s.Key == "sessionTimeout":
			add(directiveKey(s.Key), sim.Time(s.Number).String())
		case s.Word != "":
			add(s.Key, s.Word)
		default:
			add(directiveKey(s.Key), fmt.Sprint(s.Number))
		}
	}
	return append(words, diagram.Word{Key: "seed", Value: fmt.Sprintf("%#x", h.Seed)})
}

// directiveKey is a setting's name in a document: session-timeout for sessionTimeout.
func directiveKey(key string) string {
	var b strings.Builder
	for _, r := range key {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
