package trace

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxLine is how long a line of a trace may be.
const maxLine = 64 << 20

// Run is a trace that has been read.
type Run struct {
	Header      Header
	Events      []Event
	Ended       bool // the end line is there, and its hash is right
	Fingerprint string
	SHA256      string
}

// Read reads a trace and checks it: that indices are dense, time never goes back, every check has
// the hash of what is folded by then, and the end line that of the bytes before it. A file that was
// cut off gives its valid beginning with Ended false. Errors name the line.
func Read(name string, in io.Reader) (*Run, error) {
	r := &reader{run: &Run{}, sum: sha256.New()}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if r.run.Ended {
			break // the verdict
		}
		if err := r.line(n, lines.Bytes()); err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, fmt.Errorf("%s:%d:1: %w: this is no trace of this lab", name, n+1, lines.Err())
	case n == 0:
		return nil, fmt.Errorf("%s:1:1: the file is empty: write one with zablab replay --trace", name)
	}
	return r.run, nil
}

type reader struct {
	run   *Run
	state *State
	sum   interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (r *reader) line(n int, b []byte) error {
	if n == 1 {
		r.sum.Write(append(b, '\n'))
		return r.header(b)
	}
	if bytes.HasPrefix(b, []byte(`{"end":`)) {
		return r.end(b)
	}
	var e eventJSON
	if err := json.Unmarshal(b, &e); err != nil {
		return fmt.Errorf("no event: %w", err)
	}
	r.sum.Write(append(b, '\n'))
	return r.event(&e)
}

func (r *reader) header(b []byte) error {
	var h struct {
		Schema string `json:"schema"`
		Engine struct {
			Commit string `json:"commit"`
		} `json:"engine"`
		Scenario, Title, Seed string
		Actions               []string
		Nodes                 []struct{ ID, Kind, Home string }
		Why                   map[string]string
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return fmt.Errorf("no header: %w", err)
	}
	if h.Schema != Schema {
		return fmt.Errorf("schema %q: this reads %s", h.Schema, Schema)
	}
	seed, err := strconv.ParseUint(h.Seed, 0, 64)
	if err != nil {
		return fmt.Errorf("seed %q is no number", h.Seed)
	}
	r.run.Header = Header{Commit: h.Engine.Commit, Scenario: h.Scenario, Title: h.Title, Seed: seed, Actions: h.Actions}
	for _, n := range h.Nodes {
		r.run.Header.Nodes = append(r.run.Header.Nodes, Node{n.ID, n.Kind, n.Home})
	}
	for key, text := range h.Why { // order: whoever reads looks a key up
		r.run.Header.Why = append(r.run.Header.Why, Explanation{key, text})
	}
	r.state = NewState(r.run.Header.Nodes)
	return nil
}

func (r *reader) event(j *eventJSON) error {
	e, err := j.event()
	if err != nil {
		return err
	}
	last := len(r.run.Events) - 1
	switch {
	case e.I != int64(last+1):
		return fmt.Errorf("event %d stands where %d should", e.I, last+1)
	case last >= 0 && e.T < r.run.Events[last].T:
		return fmt.Errorf("event %d is at %d µs, behind one at %d", e.I, e.T, r.run.Events[last].T)
	case e.Cause >= e.I:
		return fmt.Errorf("event %d is caused by %d, which comes later", e.I, e.Cause)
	case e.K == "check" && e.Hash != r.state.Hash():
		return fmt.Errorf("check at event %d: the state folds to %s, the run had %s", e.I, r.state.Hash(), e.Hash)
	}
	r.run.Events = append(r.run.Events, e)
	r.state.Apply(&e)
	return nil
}

func (r *reader) end(b []byte) error {
	var e struct {
		Events      int64
		Fingerprint string
		SHA256      string
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return fmt.Errorf("no end line: %w", err)
	}
	if e.Events != int64(len(r.run.Events)) {
		return fmt.Errorf("the end line counts %d events, there are %d", e.Events, len(r.run.Events))
	}
	if sum := hex.EncodeToString(r.sum.Sum(nil)); sum != e.SHA256 {
		return errors.New("the file has been changed: its hash is " + sum + ", the end line says " + e.SHA256)
	}
	r.run.Ended, r.run.Fingerprint, r.run.SHA256 = true, e.Fingerprint, e.SHA256
	return nil
}

// eventJSON and patchJSON are what encoding/json reads.
type eventJSON struct {
	I    int64
	T    int64
	N, K string
	C    *int64
	M    uint64
	Msg  *struct {
		To, Kind, Z string
		Ep          uint32
		Bytes       int
		At          int64
	}
	D    patchJSON
	Hash string
	Say  string
	Why  string
	Key  string
}

type recordJSON struct{ Z, Op string }

type patchJSON struct {
	Role    string
	Ep      *uint32
	Ldr     *string
	Acc     *uint32
	Cur     *uint32
	Durable *string
	Log     *recordJSON
	Reload  *struct {
		Base string
		Log  []recordJSON
	}
	Com   *string
	Trunc *string
	Tree  [][]json.RawMessage
	Watch []string
	Sess  []struct {
		Open       bool
		ID, Client string
		Ms         int32
	}
	Belief *struct{ Lead bool }
	Groups [][]string
	Srv    *string
}

func (j *eventJSON) event() (Event, error) {
	e := Event{I: j.I, T: j.T, N: j.N, K: j.K, Cause: -1, M: j.M, Hash: j.Hash, Say: j.Say, Why: j.Why, Key: j.Key}
	if j.C != nil {
		e.Cause = *j.C
	}
	if m := j.Msg; m != nil {
		e.Msg = &Message{To: m.To, Kind: m.Kind, Z: m.Z, Epoch: m.Ep, Bytes: m.Bytes, At: m.At}
	}
	err := j.D.patch(&e.Patch)
	return e, err
}

func (j *patchJSON) patch(p *Patch) error {
	*p = Patch{
		Role: j.Role, Epoch: j.Ep, Leader: j.Ldr, Acc: j.Acc, Cur: j.Cur, Durable: j.Durable,
		Com: j.Com, Trunc: j.Trunc, Groups: j.Groups, Server: j.Srv,
	}
	if j.Log != nil {
		p.Log = &Record{j.Log.Z, j.Log.Op}
	}
	if j.Reload != nil {
		p.Reload = &Reload{Base: j.Reload.Base}
		for _, r := range j.Reload.Log {
			p.Reload.Records = append(p.Reload.Records, Record(r))
		}
	}
	if len(j.Watch) == 3 {
		p.Watch = &WatchChange{Set: j.Watch[0] == "+", All: j.Watch[0] == "x", Path: j.Watch[1], Client: j.Watch[2]}
	}
	for _, s := range j.Sess {
		p.Sess = append(p.Sess, SessionChange{s.Open, s.Client, s.ID, s.Ms})
	}
	if j.Belief != nil {
		p.Belief = &j.Belief.Lead
	}
	for _, c := range j.Tree {
		if err := treeChange(c, p); err != nil {
			return err
		}
	}
	return nil
}

func treeChange(c []json.RawMessage, p *Patch) error {
	var verb, path string
	if len(c) == 0 || json.Unmarshal(c[0], &verb) != nil {
		return errors.New("a change of the tree without a verb")
	}
	if verb == "wipe" {
		p.Wipe = true
		return nil
	}
	if len(c) < 2 || json.Unmarshal(c[1], &path) != nil {
		return fmt.Errorf("%s of the tree without a path", verb)
	}
	t := TreeChange{Path: path, Deleted: verb == "del"}
	if verb == "put" {
		var n struct {
			D, Own string
			V      int32
			Cz, Mz string
		}
		if len(c) < 3 || json.Unmarshal(c[2], &n) != nil {
			return fmt.Errorf("put %s without a node", path)
		}
		t.Data, t.Owner, t.Version, t.Cz, t.Mz = n.D, n.Own, n.V, n.Cz, n.Mz
	}
	p.Tree = append(p.Tree, t)
	return nil
}
