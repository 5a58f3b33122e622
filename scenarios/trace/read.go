package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/zablab/zablab/sim/sha"
)

// maxLine is the longest line of a trace, in bytes.
const maxLine = 64 << 20

// Error is an error in a trace's file, with its place. Columns count bytes from 1.
type Error struct {
	File         string
	Line, Column int
	Err          error
}

// Error returns file:line:column: message.
func (e *Error) Error() string {
	return e.File + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Run is a whole trace.
type Run struct {
	Header      Header
	Events      []Event
	Ended       bool // the file has an end line with the right hash
	Fingerprint string
	SHA256      string
	End         End
	Verdict     *Verdict // nil if there is none
}

// Read reads a whole trace, with the checks of a [Reader], and returns all events.
func Read(name string, in io.Reader) (*Run, error) {
	r, err := NewReader(name, in)
	if err != nil {
		return nil, err
	}
	run := &Run{Header: r.Header}
	words := make(map[string]string)
	for r.Next() {
		e := *r.Event()
		for _, s := range []*string{&e.N, &e.K, &e.Why, &e.Key} {
			if _, known := words[*s]; !known {
				words[*s] = *s
			}
			*s = words[*s] // events share one copy of each word
		}
		run.Events = append(run.Events, e)
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	run.Ended, run.SHA256, run.End, run.Verdict = r.Ended, r.SHA256, r.End, r.Verdict
	if r.Ended {
		run.Fingerprint = hex16(r.End.Fingerprint)
	}
	return run, nil
}

// Reader reads a trace one event at a time and keeps the state after it. It checks that indices
// have no gaps, that time never goes back, that each event of kind "check" has the hash of the
// state, and that the end line has the hash of the bytes before it. If a file was cut off, even
// within a line, it reads the complete events and leaves Ended false. Its errors are of type
// [*Error].
type Reader struct {
	Header  Header
	Ended   bool // the end line was read, and its hash is right
	SHA256  string
	End     End // its operations have the file's indices
	Verdict *Verdict

	name  string
	lines *bufio.Scanner
	line  int
	state *State
	sum   *sha.SHA256
	event Event
	count int64 // events read
	err   error
}

// NewReader reads the header of a trace from in, and returns a reader of the events after it. name
// is the file name in error messages.
func NewReader(name string, in io.Reader) (*Reader, error) {
	r := &Reader{name: name, lines: bufio.NewScanner(in), sum: sha.New256()}
	r.lines.Buffer(make([]byte, 1<<16), maxLine)
	r.lines.Split(wholeLines)
	if !r.scan() {
		if r.err == nil {
			r.fail(errors.New("empty file: write a trace with zablab replay --trace"))
		}
		return nil, r.err
	}
	var j headerJSON
	b := r.lines.Bytes()
	if err := json.Unmarshal(b, &j); err != nil {
		r.fail(fmt.Errorf("header: %w: not a trace: write a trace with zablab replay --trace", err))
		return nil, r.err
	}
	h, err := j.header()
	if err != nil {
		r.fail(err)
		return nil, r.err
	}
	r.sum.Write(b)
	r.Header, r.state = h, NewState(h.Nodes)
	return r, nil
}

// wholeLines splits the input into lines and keeps their line ends. A line without a line end was
// cut off.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func (r *Reader) scan() bool {
	r.line++
	if r.lines.Scan() {
		return true
	}
	if err := r.lines.Err(); err != nil {
		r.fail(fmt.Errorf("%w: not a trace: write a trace with zablab replay --trace", err))
	}
	return false
}

// fail records an error with its place, unless an earlier error is recorded.
func (r *Reader) fail(err error) {
	column := 1
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		column = max(1, int(syntax.Offset))
	}
	if r.err == nil {
		r.err = &Error{r.name, max(1, r.line), column, err}
	}
}

// Err returns the error that stopped Next, or nil at the end of the file.
func (r *Reader) Err() error { return r.err }

// Event returns the event that Next has read. The next call of Next overwrites the Event, but not
// what its pointers and slices refer to.
func (r *Reader) Event() *Event { return &r.event }

// State returns the state after the event that Next has read. The next call of Next changes it.
func (r *Reader) State() *State { return r.state }

// Count returns the number of events read.
func (r *Reader) Count() int64 { return r.count }

// Next reads the next event. It returns false at the end of the events and at the first error.
func (r *Reader) Next() bool {
	if r.err != nil || r.Ended || !r.scan() {
		return false
	}
	b := r.lines.Bytes()
	if bytes.HasPrefix(b, []byte(`{"end":`)) {
		r.end(b)
		return false
	}
	var j eventJSON
	if err := json.Unmarshal(b, &j); err != nil {
		if b[len(b)-1] == '\n' {
			r.fail(fmt.Errorf("event: %w: %s", err, again))
		}
		return false // an incomplete last line: the file was cut off
	}
	r.sum.Write(b)
	e, err := j.event()
	if err == nil {
		err = r.check(&e)
	}
	if err != nil {
		r.fail(err)
		return false
	}
	r.event = e
	r.count++
	r.state.Apply(&r.event)
	return true
}

// again is the way out of an error that shows that a trace is no longer what zablab wrote.
const again = "write the file again with zablab replay --trace"

func (r *Reader) check(e *Event) error {
	switch {
	case e.I != r.count:
		return fmt.Errorf("event %d: expected event %d here: the file was changed: %s", e.I,
			r.count, again)
	case r.count > 0 && e.T < r.event.T:
		return fmt.Errorf("event %d: its time, %[3]d µs, is before that of the previous event, "+
			"%[2]d µs: the file was changed: %[4]s", e.I, r.event.T, e.T, again)
	case e.Cause >= e.I:
		return fmt.Errorf("event %d: its cause, event %d, must be an earlier event: the file was "+
			"changed: %s", e.I, e.Cause, again)
	case e.K == "check" && e.Hash != r.state.Hash():
		return fmt.Errorf("event %d: the events up to here give a state with hash %s, but the "+
			"recorded hash is %s: an event was changed, or another version wrote the trace: %s",
			e.I, r.state.Hash(), e.Hash, again)
	}
	return nil
}

func (r *Reader) end(b []byte) {
	var j endJSON
	err := json.Unmarshal(b, &j)
	if err != nil {
		if b[len(b)-1] == '\n' {
			r.fail(fmt.Errorf("end line: %w: %s", err, again))
		}
		return
	}
	end, err := j.end()
	if err != nil {
		r.fail(err)
		return
	}
	if j.Events != r.count {
		r.fail(fmt.Errorf("end line: it counts %d events, but the file has %d: the file was "+
			"changed: %s", j.Events, r.count, again))
		return
	}
	if r.sum.Hex() != j.SHA256 {
		r.fail(errors.New("end line: the key \"sha256\" does not match the file: the file was " +
			"changed: " + again))
		return
	}
	r.Ended, r.SHA256, r.End = true, j.SHA256, end
	if r.scan() {
		var last struct{ Verdict *Verdict }
		if json.Unmarshal(r.lines.Bytes(), &last) == nil {
			r.Verdict = last.Verdict
		}
	}
}
