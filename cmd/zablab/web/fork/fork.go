package fork

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Source is what a page needs to play its run again: the document, and the flags that zablab replay
// had.
type Source struct {
	Name   string      `json:"name"` // of the file
	Text   string      `json:"text"`
	World  int         `json:"world,omitempty"` // counted from 0
	Seed   string      `json:"seed,omitempty"`  // of --seed
	Set    [][2]string `json:"set,omitempty"`   // settings that override the document's
	Plan   []string    `json:"plan,omitempty"`  // faults of --fault and --plan
	Race   bool        `json:"race,omitempty"`
	Flaw   string      `json:"flaw,omitempty"`
	Reads  bool        `json:"reads,omitempty"`  // --reads linearizable
	Step   int64       `json:"step,omitempty"`   // of --until; 0 is none
	Until  sim.Time    `json:"until,omitempty"`  // of --until, in µs; 0 is none
	Commit string      `json:"commit,omitempty"` // of the program that made the page
}

// Request asks for a run.
type Request struct {
	Source
	// Add has the additions, in the form of a "%% lab:" line: fault=6.051s crash S3, or
	// call=6.051s B create /x.
	Add []string `json:"add,omitempty"`
	// Read asks for the readings alone, without a run.
	Read bool `json:"read,omitempty"`
}

// Answer is the answer to a request. If Problems is not empty, no trace follows.
type Answer struct {
	Problems    []Problem `json:"problems,omitempty"`
	Document    string    `json:"document"`        // with the additions
	Added       []int     `json:"added,omitempty"` // the numbers of the lines that were added
	Flags       []string  `json:"flags,omitempty"` // that zablab replay needs for the document
	Worlds      int       `json:"worlds"`
	Readings    []Reading `json:"readings,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"`
}

// Problem is an error with its place in the document. Line is 0 for an error without a place.
type Problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Reading says how the lab reads one line of a drawing, as zablab lint prints it.
type Reading struct {
	Line     int         `json:"line"`
	Kind     script.Kind `json:"kind"`
	Says     string      `json:"says"`
	Supplied []string    `json:"supplied,omitempty"`
	Problem  string      `json:"problem,omitempty"`
	Nearest  string      `json:"nearest,omitempty"`
}

// Play answers a request: it writes the [Answer] as one line of JSON, and after it the trace.
func Play(r *Request, out io.Writer) error {
	a := Answer{Document: r.Text}
	w, err := a.play(r)
	if w != nil {
		defer w.Close()
	}
	a.add(err)
	line, err := json.Marshal(&a)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	to := bufio.NewWriter(out)
	to.Write(line)
	to.WriteByte('\n')
	if len(a.Problems) == 0 && w != nil {
		if err := w.WriteTrace(to); err != nil {
			return err
		}
	}
	return to.Flush()
}

// add adds the problems in an error.
func (a *Answer) add(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			a.add(e)
		}
		return
	}
	p := Problem{Message: err.Error()}
	if e := new(diagram.Error); errors.As(err, &e) {
		p = Problem{e.Line, e.Column, e.Message}
	}
	a.Problems = append(a.Problems, p)
}

// play compiles and plays the document with its additions, and returns the world.
func (a *Answer) play(r *Request) (*scenarios.World, error) {
	o, err := r.options()
	if err != nil {
		return nil, err
	}
	s, err := compile(&r.Source, r.Text, &o)
	if err != nil {
		return nil, err
	}
	if len(r.Add) > 0 {
		if s, err = a.insert(r, s, &o); err != nil {
			return nil, err
		}
	}
	a.Flags = r.flags(s)
	a.Worlds = len(s.Worlds)
	for _, scene := range s.Diagrams {
		for _, x := range scene.Readings() {
			a.Readings = append(a.Readings, Reading{x.Line, x.Kind, x.Says, x.Supplied, x.Problem,
				x.Nearest})
		}
	}
	if r.Read {
		return nil, nil
	}
	res, err := scenarios.Replay(only(s, r.World, &o), o)
	if err != nil {
		return nil, err
	}
	w := &res.Worlds[0]
	w.Commit = r.Commit
	a.Fingerprint = fmt.Sprintf("%016x", w.Fingerprint)
	return w, nil
}

// compile compiles a text of the document.
func compile(r *Source, text string, o *scenarios.Options) (*script.Script, error) {
	doc, err := diagram.Parse(r.Name, []byte(text))
	if err != nil {
		return nil, err
	}
	s, err := script.Compile(doc, o.Options)
	if err != nil {
		return nil, err
	}
	if r.World >= len(s.Worlds) {
		return nil, fmt.Errorf("%s: no ensemble %d: the document has ensembles 1 to %d",
			r.Name, r.World+1, len(s.Worlds))
	}
	return s, nil
}

// only returns a script with one world of s, and sets the seed that the whole document would have.
func only(s *script.Script, world int, o *scenarios.Options) *script.Script {
	if o.Seed == nil {
		o.Seed = &s.Worlds[0].Stage.Seed
	}
	one := *s
	one.Worlds = s.Worlds[world : world+1]
	one.Diagrams = one.Worlds[0].Scenes
	return &one
}

// options returns the options of the player.
func (r *Source) options() (o scenarios.Options, err error) {
	o = scenarios.Options{
		Options: script.Options{Race: r.Race}, Keep: true, LinearizableReads: r.Reads,
		Until: scenarios.Until{Step: r.Step, At: r.Until},
	}
	if r.Seed != "" {
		seed, err := seeds.Parse(r.Seed)
		if err != nil {
			return o, err
		}
		o.Seed = &seed
	}
	for _, s := range r.Set {
		o.Set = append(o.Set, script.Setting{Key: s[0], Value: s[1]})
	}
	for _, line := range r.Plan {
		f, err := sim.ParseFault(line)
		if err != nil {
			return o, err
		}
		o.Plan = append(o.Plan, f)
		o.Places = append(o.Places, line)
	}
	if r.Flaw != "" {
		bug, ok := flaw.Find(r.Flaw)
		if !ok {
			return o, fmt.Errorf("flaw %s: no such flaw: zablab flaws lists all flaws", r.Flaw)
		}
		o.Flaw = bug.Flaw
	}
	return o, nil
}
