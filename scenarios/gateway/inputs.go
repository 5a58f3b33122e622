package gateway

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Schema names the format of a file of inputs: JSON Lines, a [header], then a [line] for each
// input, and a last line with the end of the run and its fingerprint.
const Schema = "zablab.inputs/1"

// Magic is the text with which every file of inputs begins.
const Magic = `{"schema":"` + Schema + `"`

// header is the first line of a file of inputs.
type header struct {
	Schema string `json:"schema"`
	Commit string `json:"commit"` // of the program that wrote the file
	Stage  string `json:"stage"`  // as in a "%% lab:" line: servers=5 seed=0x7
	// Plan are the faults that were scheduled before the first input.
	Plan []string `json:"plan,omitempty"`
	// Snapshots is the number of transactions between snapshots, if it is not the default.
	Snapshots int `json:"snapshots,omitempty"`
}

// line is every other line.
type line struct {
	At          int64  `json:"at"` // µs of virtual time
	In          string `json:"in,omitempty"`
	Client      string `json:"client,omitempty"`
	Socket      uint32 `json:"socket,omitempty"`
	Server      string `json:"server,omitempty"`
	Line        string `json:"line,omitempty"`
	Address     string `json:"address,omitempty"`
	Data        []byte `json:"data,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"` // of the last line only
}

// Writer writes the inputs of a world to a file.
type Writer struct{ out *json.Encoder }

// NewWriter writes the header of a file of inputs. The argument c is the configuration of the world,
// and plan has the faults that were scheduled before the run. To write the inputs, set the world's
// In to [Writer.Write].
func NewWriter(out io.Writer, c *ensemble.Config, plan sim.Plan) (*Writer, error) {
	h := header{Schema: Schema, Commit: stage.Commit(), Snapshots: c.SnapCount}
	for _, f := range plan {
		h.Plan = append(h.Plan, f.String())
	}
	var words []string
	for _, w := range stage.Words(&trace.Header{Config: stage.Settings(&c.Stage), Seed: c.Seed}) {
		words = append(words, w.Key+"="+w.Value)
	}
	w := &Writer{json.NewEncoder(out)}
	h.Stage = strings.Join(words, " ")
	return w, w.out.Encode(h)
}

// Write writes one input.
func (w *Writer) Write(in Input) error {
	return w.out.Encode(line{
		At: int64(in.At), In: in.Kind.String(), Client: in.Client, Socket: in.Socket,
		Server: in.Server, Line: in.Line, Address: in.Address, Data: in.Data,
	})
}

// Close writes the last line: when the run ended, and its fingerprint.
func (w *Writer) Close(e *ensemble.Ensemble) error {
	return w.out.Encode(line{At: int64(e.World.Now()), Fingerprint: fingerprint(e)})
}

func fingerprint(e *ensemble.Ensemble) string { return fmt.Sprintf("%016x", e.World.Fingerprint()) }

// Replayed is a run that was played again from its inputs.
type Replayed struct {
	World  *World
	Inputs int
	// Complete is false if the file has no last line, because the program that wrote it was killed.
	Complete bool
	// Same reports whether the fingerprint is that of the recorded run.
	Same bool
}

// Replay plays a file of inputs again, without the clients. With keep, the world keeps every
// record, for a trace or a diagram. The error names the line of the file that cannot be read or
// played.
func Replay(in io.Reader, keep bool) (r Replayed, err error) {
	lines := bufio.NewReaderSize(in, 1<<16)
	n := 1
	fail := func(err error) (Replayed, error) { return r, fmt.Errorf("line %d: %w", n, err) }
	b, err := next(lines)
	if err != nil {
		return fail(err)
	}
	config, plan, err := readHeader(b)
	if err != nil {
		return fail(err)
	}
	config.Keep = keep
	if r.World, err = New(config); err != nil {
		return fail(err)
	}
	if err := r.World.Ensemble.World.Schedule(plan); err != nil {
		return fail(err)
	}
	for n++; ; n++ {
		b, err := next(lines)
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return fail(err)
		}
		var l line
		if err := json.Unmarshal(b, &l); err != nil && last {
			return r, nil // the program that wrote the file was killed within this line
		} else if err != nil {
			return fail(fmt.Errorf("not a line of %s: %w", Schema, err))
		}
		if at := sim.Time(l.At); at < 0 || at > longest {
			return fail(fmt.Errorf("the time %d µs is not between 0 and 30 days", l.At))
		}
		if l.Fingerprint != "" {
			err := r.World.Run(sim.Time(l.At))
			r.Complete = true
			r.Same = fingerprint(r.World.Ensemble) == l.Fingerprint
			return r, err
		}
		if err := r.World.replay(&l); err != nil {
			return fail(err)
		}
		r.Inputs++
	}
}

// longest is the longest run that a file may describe.
const longest = 30 * 24 * sim.Hour

// maxLine is the longest line, in bytes: a packet of 16 MB in base64.
const maxLine = 24 << 20

// next reads a line. At the end of the file it returns io.EOF, and what there is of a last line.
func next(r *bufio.Reader) (b []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		b = append(b, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return b, err
		}
		if len(b) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
	}
}

func readHeader(b []byte) (c ensemble.Config, plan sim.Plan, err error) {
	var h header
	if json.Unmarshal(b, &h) != nil || h.Schema != Schema {
		return c, nil, fmt.Errorf("not the header of %s: record a run with zablab serve "+
			"--record", Schema)
	}
	for _, word := range strings.Fields(h.Stage) {
		key, value, _ := strings.Cut(word, "=")
		if err := stage.Set(&c.Stage, key, value); err != nil {
			return c, nil, fmt.Errorf("stage: %s: %w", word, err)
		}
	}
	if h.Snapshots < 0 {
		return c, nil, fmt.Errorf("snapshots: %d: must not be negative", h.Snapshots)
	}
	c.SnapCount = h.Snapshots
	plan, err = sim.ParsePlan("plan", strings.Join(h.Plan, "\n"))
	return c, plan, err
}

// replay hands a line of the file to the world.
func (w *World) replay(l *line) error {
	kind := Kind(slices.Index(kindNames[:], l.In))
	if kind < Join || kind > Check {
		return fmt.Errorf("unknown input %q", l.In)
	}
	in := Input{
		At: sim.Time(l.At), Kind: kind, Client: l.Client, Socket: l.Socket, Server: l.Server,
		Line: l.Line, Address: l.Address, Data: l.Data,
	}
	err := w.Inject(in)
	if kind == Fault && w.Ensemble.Err() == nil {
		return nil // a fault that was impossible then is impossible now
	}
	if err == nil && kind == Check {
		w.Wait()
	}
	return err
}
