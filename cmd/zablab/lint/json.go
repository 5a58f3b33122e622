package lint

import (
	"github.com/zablab/zablab/scenarios/script"
)

// These types describe the output of zablab lint --json. The keys of the output are stable: keys
// may be added, but never renamed.
type (
	// JSON is the output of zablab lint --json.
	JSON struct {
		Files   []jsonFile   `json:"files"`
		Without int          `json:"files_without_diagram"`
		Read    script.Tally `json:"read"`
	}
	jsonFile struct {
		Name     string        `json:"name"`
		Errors   []jsonError   `json:"errors"`
		Read     script.Tally  `json:"read"`
		Diagrams []jsonDiagram `json:"diagrams"`
		Story    *jsonStory    `json:"story,omitempty"`
	}
	jsonStory struct {
		Setup   string `json:"setup"`
		Bounds  string `json:"bounds"`
		Flaw    string `json:"flaw,omitempty"`
		Lines   int    `json:"lines"`
		Breaks  string `json:"breaks,omitempty"`
		Line    int    `json:"problem_line,omitempty"`
		Problem string `json:"problem,omitempty"`
	}
	jsonError struct {
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}
	jsonDiagram struct {
		Title    string       `json:"title"`
		Line     int          `json:"line"`
		Read     script.Tally `json:"read"`
		Readings []Reading    `json:"readings"`
	}
	// Reading says how the lab reads one line of a diagram.
	Reading struct {
		Line     int         `json:"line"`
		Column   int         `json:"column"`
		Text     string      `json:"text"`
		Kind     script.Kind `json:"kind"`
		Says     string      `json:"says"`
		Supplied []string    `json:"supplied"`
		Problem  string      `json:"problem,omitempty"`
		Nearest  string      `json:"nearest,omitempty"`
	}
)

func (r *report) json() JSON {
	out := JSON{Files: []jsonFile{}, Without: r.without}
	for i := range r.files {
		f := jsonOf(&r.files[i])
		out.Read.Add(f.Read)
		out.Files = append(out.Files, f)
	}
	return out
}

func jsonOf(l *linted) jsonFile {
	f := jsonFile{Name: l.name, Errors: []jsonError{}, Diagrams: []jsonDiagram{}}
	for _, e := range l.errors {
		f.Errors = append(f.Errors, jsonError{e.Line, e.Column, e.Message})
	}
	if l.err != nil {
		f.Errors = append(f.Errors, jsonError{Message: l.err.Error()})
	}
	if l.story != nil {
		f.Story = l.story.json()
	}
	for _, scene := range l.scenes() {
		d := jsonDiagram{Title: scene.Diagram.Title, Line: scene.Diagram.Line, Read: scene.Read(),
			Readings: Readings(scene)}
		f.Read.Add(d.Read)
		f.Diagrams = append(f.Diagrams, d)
	}
	return f
}

// Readings returns how the lab reads each line of a diagram, in the form of the JSON output.
func Readings(scene *script.Scene) []Reading {
	list := []Reading{}
	for _, r := range scene.Readings() {
		list = append(list, Reading{r.Line, r.Column, r.Text, r.Kind, r.Says,
			append([]string{}, r.Supplied...), r.Problem, r.Nearest})
	}
	return list
}
