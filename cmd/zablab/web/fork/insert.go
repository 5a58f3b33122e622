package fork

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
)

// insert compiles the document with the additions as "%% lab:" lines at the end of the last diagram
// of the world. It keeps the document in the answer.
func (a *Answer) insert(
	r *Request, s *script.Script, o *scenarios.Options,
) (*script.Script, error) {
	scenes := s.Worlds[r.World].Scenes
	d := scenes[len(scenes)-1].Diagram
	want := len(s.Worlds[r.World].Faults) + len(s.Worlds[r.World].Calls) + len(r.Add)
	lines := strings.SplitAfter(r.Text, "\n")
	// A comment begins with %% in Mermaid, and with ' in PlantUML, whose last line is @enduml.
	var first error
	for _, p := range []struct {
		comment string
		line    int
	}{{"%%", d.EndLine}, {"'", d.EndLine - 1}, {"'", d.EndLine}} {
		text, added := with(lines, r.Add, p.comment, p.line)
		again, err := compile(&r.Source, text, o)
		if err == nil {
			w := again.Worlds[r.World]
			if len(again.Worlds) == len(s.Worlds) && len(w.Faults)+len(w.Calls) == want {
				a.Document, a.Added = text, added
				return again, nil
			}
			err = errors.New("a fault or a call cannot be added at the end of the run's last " +
				"diagram, because the lab would not read the new line there as a fault or a " +
				"call: edit the text of the document instead")
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// with returns the document with lines added after the line with number at, and their numbers.
func with(lines, add []string, comment string, at int) (text string, added []int) {
	at = min(max(at, 0), len(lines))
	var b strings.Builder
	for _, l := range lines[:at] {
		b.WriteString(l)
	}
	indent, end := "", "\n"
	if at > 0 {
		before := lines[at-1]
		indent = before[:len(before)-len(strings.TrimLeft(before, " \t"))]
		if strings.HasSuffix(before, "\r\n") {
			end = "\r\n"
		}
		if !strings.HasSuffix(before, "\n") {
			b.WriteString(end)
		}
	}
	for i, l := range add {
		fmt.Fprintf(&b, "%s%s lab: %s%s", indent, comment, l, end)
		added = append(added, at+i+1)
	}
	for _, l := range lines[at:] {
		b.WriteString(l)
	}
	return b.String(), added
}

// flags returns the flags with which zablab replay plays the document as this request does.
func (r *Source) flags(s *script.Script) (flags []string) {
	if r.Seed != "" {
		flags = append(flags, "--seed", r.Seed)
	}
	for _, kv := range r.Set {
		flags = append(flags, "--"+kv[0], kv[1])
	}
	for _, f := range r.Plan {
		flags = append(flags, "--fault", f)
	}
	if r.Race {
		flags = append(flags, "--race")
	}
	if r.Flaw != "" {
		flags = append(flags, "--flaw", r.Flaw)
	}
	if r.Reads {
		flags = append(flags, "--reads", "linearizable")
	}
	switch {
	case r.Step > 0:
		flags = append(flags, "--until", fmt.Sprint(r.Step))
	case r.Until > 0:
		flags = append(flags, "--until", r.Until.String())
	}
	return slices.Clip(flags)
}
