package trace

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/zablab/zablab/sim/sha"
)

// Schema is the name and version of this format.
const Schema = "zablab.trace/1"

// CheckEvery is the number of events between two checks.
const CheckEvery = 1000

// MaxSay is the length of the longest sentence, MaxWhy that of the longest explanation, in
// characters.
const (
	MaxSay = 48
	MaxWhy = 180
)

// Clip shortens a sentence to MaxSay. If it cuts something off, the result ends with "…".
func Clip(say string) string {
	if len(say) <= MaxSay { // in bytes, so in characters too
		return say
	}
	if r := []rune(say); len(r) > MaxSay {
		return string(r[:MaxSay-1]) + "…"
	}
	return say
}

// Header is the first line of a trace.
type Header struct {
	Commit   string // of the source; "unknown" if the program was not built from a checkout
	Scenario string
	Title    string
	Seed     uint64
	Actions  []string // faults added to the scenario, as a plan writes them
	Config   []Setting
	Nodes    []Node
	Why      []Explanation
}

// Setting is one entry of the header's config: a number (times are µs), or a word.
type Setting struct {
	Key    string
	Number int64
	Word   string // if not empty, used instead of Number
}

// Seedless is the key of the setting of a run without chance, such as a story of package explore. The
// seed in its header means nothing.
const Seedless = "seedless"

// Seedless reports whether the run has no seed.
func (h *Header) Seedless() bool { return h.setting(Seedless) != "" }

// Node is a participant of the run.
type Node struct {
	ID   string
	Kind string // server, observer, client or resource
	Home string // of a client: its first server; may be empty
}

// Explanation is one entry of the header's catalogue of explanations. Events refer to it by Key.
type Explanation struct{ Key, Text string }

// Event is one line between the header and the end line.
type Event struct {
	I     int64
	T     int64  // µs of virtual time
	N     string // a node's ID, or "net"
	K     string
	Cause int64  // index of the direct cause, or -1
	M     uint64 // number of the message in send, recv and drop; else 0
	Msg   *Message
	Patch Patch
	Hash  string // of the state, in an event of kind "check"
	Say   string
	Drawn string // the text in a diagram; empty if not drawn, or drawn as Msg
	Why   string // key of an [Explanation], or empty
	Key   string // kind of a key moment, or empty
}

// Message is the message of an event of kind "send".
type Message struct {
	To    string
	Kind  string
	Z     string // zxid, or empty
	Epoch uint32 // or 0
	Bytes int
	At    int64 // planned arrival, in µs
}

// Op is one operation of a client, listed in the end line.
type Op struct {
	Client string
	What   string // create, set, …
	Path   string
	Call   int64 // index of the call's event
	Return int64 // index of the answer's event, or -1
	Status string
	Z      string // zxid of its transaction; empty for a read, or if no server has applied it
	Apply  int64  // index of the event at which the first server applies it, or -1
}

// End is the content of the end line.
type End struct {
	T           int64
	Events      int64
	Fingerprint uint64
	Ops         []Op
	Invariants  []Check
	Drawn       []Diagram         // of the document that was played
	Broken      []Broken          // the checks that do not hold, the worst first
	Asks        []Ask             // questions to a reader; [Writer.End] finds them in the events
	Record      []json.RawMessage // the clients' history, line by line; empty in a cut
	Cut         *Origin           // nil for a whole run
}

// Diagram is a diagram of the document that was played, with the outcome of each of its lines.
type Diagram struct {
	Title string
	Line  int // in the document
	Rows  []Row
}

// Row is a line of a diagram: an arrow, or a note over From if To is empty.
type Row struct {
	Line     int
	From, To string
	Kind     string // how the line is read: call, reply, event, fault, …
	Text     string
	Verdict  string // as-drawn, later, different, never, …
	Expect   string // the verdict that the author expects; may be empty
	Says     string // what happened, in a few words; may be empty
	Bad      bool   // as drawn and allowed, but undesirable
	At       int64  // µs, or -1 if it never happened
	Step     int64  // index of its event, or -1
}

// Broken is a check that does not hold. Step is the index of the event that shows the violation, or
// -1 if no single event shows it.
type Broken struct {
	Name, Text string
	Step       int64
}

// Origin describes the file from which [Trim] cut a part of a trace: the hash of this file, and the
// range of the file's events that the part contains.
type Origin struct {
	SHA256   string // empty if the original has no end line
	From, To int64  // indices of the first and the last event
	Events   int64  // the number of notes that restore the state
}

// Check is the name of a check or an invariant, and its result.
type Check struct {
	Name, Result string
	Idle         bool   // the run had nothing to check: the result says nothing about the run
	Allowed      bool   // ZooKeeper does not promise what is checked: broken is no bug
	Bad          bool   // the run shows something unwanted that ZooKeeper allows
	Text         string // of a check that is bad: what the run shows
}

// Verdict is the line after the end line: what porcupine found.
type Verdict struct {
	Model, Scope, Result string
	Order, Longest       []int // indices into End.Ops
	Blame                []int
	States               int64
	Ms                   int64
	Reads                string
}

// Writer writes one trace.
type Writer struct {
	out   io.Writer
	sum   *sha.SHA256
	buf   []byte
	state *State
	asker asker
	next  int64 // index of the next event
	err   error

	sha256 string
}

// NewWriter returns a writer that has written the header.
func NewWriter(out io.Writer, h *Header) *Writer {
	w := &Writer{out: out, sum: sha.New256(), state: NewState(h.Nodes)}
	b := append(w.buf, `{"schema":"`+Schema+`","engine":{"commit":`...)
	b = text(b, h.Commit)
	b = text(append(b, `},"scenario":`...), h.Scenario)
	b = text(append(b, `,"title":`...), h.Title)
	b = text(append(b, `,"seed":`...), "0x"+strconv.FormatUint(h.Seed, 16))
	b = texts(append(b, `,"actions":`...), h.Actions)
	b = append(b, `,"config":{`...)
	for i, s := range h.Config {
		b = append(text(comma(b, i), s.Key), ':')
		if s.Word != "" {
			b = text(b, s.Word)
		} else {
			b = strconv.AppendInt(b, s.Number, 10)
		}
	}
	b = append(b, `},"nodes":[`...)
	for i, n := range h.Nodes {
		b = text(append(comma(b, i), `{"id":`...), n.ID)
		b = text(append(b, `,"kind":`...), n.Kind)
		if n.Home != "" {
			b = text(append(b, `,"home":`...), n.Home)
		}
		b = append(b, '}')
	}
	b = append(b, `],"why":{`...)
	for i, e := range h.Why {
		b = text(append(text(comma(b, i), e.Key), ':'), e.Text)
	}
	w.line(append(b, "},\"asks\":[]}\n"...))
	return w
}

// Place converts the index of an event in the run to its index in the trace, which also counts
// events of kind "check". It returns a negative index unchanged.
func Place(i int64) int64 {
	if i < 0 {
		return i
	}
	return i + i/CheckEvery
}

// Index is the inverse of [Place]: it converts the index of an event in a trace to its index in the
// run. For an event of kind "check" it returns the index of the event before it.
func Index(i int64) int64 {
	if i < 0 {
		return i
	}
	return i - (i+1)/(CheckEvery+1)
}

// Add writes the run's next event. The event's fields I and Cause are indices among the run's
// events, without events of kind "check".
func (w *Writer) Add(e *Event) {
	if e.I > 0 && e.I%CheckEvery == 0 {
		w.event(&Event{I: w.next, T: e.T, N: "net", K: "check", Cause: -1, Hash: w.state.Hash(),
			Say: "the hash of the state so far"})
	}
	placed := *e
	placed.I, placed.Cause = w.next, Place(e.Cause)
	w.event(&placed)
	w.state.Apply(&placed)
	w.asker.see(&placed, w.state)
}

// State returns the state after the last event that was added. The next call of Add changes it.
func (w *Writer) State() *State { return w.state }

func (w *Writer) event(e *Event) {
	w.next++
	w.line(append(e.AppendJSON(w.buf[:0]), '\n'))
}

// AppendJSON appends the event as one line of JSON, without the line end.
func (e *Event) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"i":`...), e.I, 10)
	b = strconv.AppendInt(append(b, `,"t":`...), e.T, 10)
	b = text(append(b, `,"n":`...), e.N)
	b = text(append(b, `,"k":`...), e.K)
	if e.Cause >= 0 {
		b = strconv.AppendInt(append(b, `,"c":`...), e.Cause, 10)
	}
	if e.M > 0 {
		b = strconv.AppendUint(append(b, `,"m":`...), e.M, 10)
	}
	if m := e.Msg; m != nil {
		b = text(append(b, `,"msg":{"to":`...), m.To)
		b = text(append(b, `,"kind":`...), m.Kind)
		if m.Z != "" {
			b = text(append(b, `,"z":`...), m.Z)
		}
		if m.Epoch != 0 {
			b = strconv.AppendUint(append(b, `,"ep":`...), uint64(m.Epoch), 10)
		}
		b = strconv.AppendInt(append(b, `,"bytes":`...), int64(m.Bytes), 10)
		b = append(strconv.AppendInt(append(b, `,"at":`...), m.At, 10), '}')
	}
	b = e.Patch.append(b)
	if e.Hash != "" {
		b = text(append(b, `,"hash":`...), e.Hash)
	}
	b = text(append(b, `,"say":`...), e.Say)
	if e.Drawn != "" {
		b = text(append(b, `,"drawn":`...), e.Drawn)
	}
	if e.Why != "" {
		b = text(append(b, `,"why":`...), e.Why)
	}
	if e.Key != "" {
		b = text(append(b, `,"key":`...), e.Key)
	}
	return append(b, '}')
}

// SHA256 returns the hash in the end line; empty before the call of End.
func (w *Writer) SHA256() string { return w.sha256 }

// End writes the end line, and then the verdict unless v is nil. It sets the field Asks of e. It
// returns the first error of all writes.
func (w *Writer) End(e *End, v *Verdict) error {
	e.Asks = w.asker.asked()
	b := strconv.AppendInt(append(w.buf[:0], `{"end":true,"t":`...), e.T, 10)
	b = strconv.AppendInt(append(b, `,"events":`...), w.next, 10)
	b = text(append(b, `,"fingerprint":`...), hex16(e.Fingerprint))
	b = append(b, `,"ops":[`...)
	for i := range e.Ops {
		o := &e.Ops[i]
		b = text(append(comma(b, i), `{"c":`...), o.Client)
		b = text(append(b, `,"f":`...), o.What)
		b = text(append(b, `,"in":`...), o.Path)
		b = strconv.AppendInt(append(b, `,"call":`...), Place(o.Call), 10)
		b = append(b, `,"ret":`...)
		if o.Return < 0 {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendInt(b, Place(o.Return), 10)
		}
		b = text(append(b, `,"st":`...), o.Status)
		if o.Z != "" {
			b = text(append(b, `,"z":`...), o.Z)
			b = strconv.AppendInt(append(b, `,"ap":`...), Place(o.Apply), 10)
		}
		b = append(b, '}')
	}
	b = append(b, `],"invariants":[`...)
	for i, c := range e.Invariants {
		b = text(append(comma(b, i), `{"name":`...), c.Name)
		b = c.append(text(append(b, `,"result":`...), c.Result))
	}
	b = appendFindings(append(b, ']'), e)
	if len(e.Record) > 0 {
		b = append(b, `,"record":[`...)
		for i, line := range e.Record {
			b = append(comma(b, i), line...)
		}
		b = append(b, ']')
	}
	if c := e.Cut; c != nil {
		b = text(append(b, `,"cut":{"sha256":`...), c.SHA256)
		b = strconv.AppendInt(append(b, `,"from":`...), c.From, 10)
		b = strconv.AppendInt(append(b, `,"to":`...), c.To, 10)
		b = append(strconv.AppendInt(append(b, `,"events":`...), c.Events, 10), '}')
	}
	w.sha256 = w.sum.Hex()
	b = text(append(b, `,"sha256":`...), w.sha256)
	w.line(append(b, "}\n"...))
	if v == nil {
		return w.err
	}
	b = text(append(w.buf[:0], `{"verdict":{"model":`...), v.Model)
	b = text(append(b, `,"scope":`...), v.Scope)
	b = text(append(b, `,"result":`...), v.Result)
	b = ints(append(b, `,"order":`...), v.Order)
	b = ints(append(b, `,"longest":`...), v.Longest)
	b = ints(append(b, `,"blame":`...), v.Blame)
	b = strconv.AppendInt(append(b, `,"states":`...), v.States, 10)
	b = strconv.AppendInt(append(b, `,"ms":`...), v.Ms, 10)
	b = text(append(b, `,"reads":`...), v.Reads)
	w.line(append(b, "}}\n"...))
	return w.err
}

func (w *Writer) line(b []byte) {
	w.buf = b
	w.sum.Write(b)
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
}

// NewSession is the drawn text of an event in which a running client opens a new session. In a
// drawing, such an event is an arrow from the client to the ensemble, not a note.
const NewSession = "connects with a new session"
