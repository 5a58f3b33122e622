package trace

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Difference is where two runs A and B diverge, and how each continues.
type Difference struct {
	Equal   bool // the files have the same hash
	Headers []Differs
	At      int64   // index of the first event that differs; -1 if none does
	Before  []Event // the last events that both runs have
	A, B    Side
	There   []Differs // between the states after A.Events and after B.Events
	End     []Differs // between the states at the end of the runs
}

// Side is how one of the two runs continues after they diverge.
type Side struct {
	Events []Event // the first that differ, or those around the given place
	Key    []Event // key moments from the first difference on
	More   int64   // the number of further key moments
	Count  int64   // of all events in the run
	Ended  bool
	SHA256 string
	there  *State  // the state after Events
	window *Window // nil if Events are the first that differ
}

// see adds the event that r has just read to the window.
func (s *Side) see(r *Reader) {
	if s.window == nil || s.window.Full() {
		return
	}
	if s.window.Add(r.Event()); s.window.Full() {
		s.there = r.State().clone()
	}
}

// Differs is one value that differs between runs A and B. The field What has its name.
type Differs struct{ What, A, B string }

// Diff compares two traces, and reads each only once. Three parameters limit how many events it
// keeps: before limits the events ahead of the first difference; after limits the events of each
// run from the difference on; and key limits each run's key moments (see [Filter].Key) from the
// difference on. If the parameter around is not nil, Diff keeps the events near that point, instead
// of those near the difference.
func Diff(a, b *Reader, around *Point, before, after, key int) (*Difference, error) {
	d := &Difference{Headers: headers(&a.Header, &b.Header), At: -1}
	if around != nil {
		d.A.window = NewWindow(*around, before, after)
		d.B.window = NewWindow(*around, before, after)
	}
	common := Pick{Last: before}
	var bufA, bufB []byte
	for {
		moreA, moreB := a.Next(), b.Next()
		if a.Err() != nil || b.Err() != nil {
			return nil, firstError(a, b)
		}
		if moreA && moreB && same(a.Event(), b.Event(), &bufA, &bufB) {
			common.Add(a.Event())
			d.A.see(a)
			d.B.see(b)
			continue
		}
		if moreA || moreB {
			d.At = common.Count
		}
		goOn(&d.A, a, moreA, after, key)
		goOn(&d.B, b, moreB, after, key)
		break
	}
	if a.Err() != nil || b.Err() != nil {
		return nil, firstError(a, b)
	}
	_, d.Before, _ = common.Events()
	d.Equal = a.Ended && b.Ended && a.SHA256 == b.SHA256
	d.There, d.End = States(d.A.there, d.B.there), States(a.State(), b.State())
	return d, nil
}

func firstError(a, b *Reader) error {
	if a.Err() != nil {
		return a.Err()
	}
	return b.Err()
}

// goOn reads the rest of a run. With more it begins with the event that r has just read.
func goOn(s *Side, r *Reader, more bool, after, key int) {
	keys := Pick{First: key}
	for ; more; more = r.Next() {
		e := r.Event()
		s.see(r)
		if s.window == nil && len(s.Events) < after {
			if s.Events = append(s.Events, *e); len(s.Events) == after {
				s.there = r.State().clone()
			}
		}
		if e.Key != "" {
			keys.Add(e)
		}
	}
	if s.there == nil {
		s.there = r.State()
	}
	if s.window != nil {
		s.Events = s.window.Events()
	}
	s.Key, _, s.More = keys.Events()
	s.Count, s.Ended, s.SHA256 = r.Count(), r.Ended, r.SHA256
}

// same is true for two events with equal time, node, kind, message, patch, diagram text, and
// sentence without its numbers.
func same(a, b *Event, bufA, bufB *[]byte) bool {
	if a.T != b.T || a.N != b.N || a.K != b.K || (a.Msg == nil) != (b.Msg == nil) {
		return false
	}
	if a.Msg != nil && *a.Msg != *b.Msg {
		return false
	}
	if a.Drawn != b.Drawn || a.Say != b.Say && numberless(a.Say) != numberless(b.Say) {
		return false
	}
	*bufA, *bufB = a.Patch.append((*bufA)[:0]), b.Patch.append((*bufB)[:0])
	return bytes.Equal(*bufA, *bufB)
}

// Alike reports whether two events have the same node, kind and sentence. It ignores times, and
// numbers in sentences.
func Alike(a, b *Event) bool {
	return a.N == b.N && a.K == b.K && numberless(a.Say) == numberless(b.Say)
}

// numberless replaces each number in a sentence by #. Digits that belong to a name, as in S1, stay.
func numberless(s string) string {
	var b strings.Builder
	var last byte
	for i := range len(s) {
		c := s[i]
		digit := c >= '0' && c <= '9'
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		switch {
		case digit && last == '#':
			continue
		case digit && last != 'x':
			c = '#'
		case letter || digit:
			last = 'x'
			b.WriteByte(c)
			continue
		}
		last = c
		b.WriteByte(c)
	}
	return b.String()
}

func headers(a, b *Header) (list []Differs) {
	add := func(what, x, y string) {
		if x != y {
			list = append(list, Differs{what, x, y})
		}
	}
	add("commit", a.Commit, b.Commit)
	add("scenario", a.Scenario, b.Scenario)
	add("title", a.Title, b.Title)
	add("seed", "0x"+strconv.FormatUint(a.Seed, 16), "0x"+strconv.FormatUint(b.Seed, 16))
	add("actions", strings.Join(a.Actions, "; "), strings.Join(b.Actions, "; "))
	for _, s := range a.Config {
		add("config "+s.Key, s.text(), b.setting(s.Key))
	}
	for _, s := range b.Config {
		if a.setting(s.Key) == "" {
			add("config "+s.Key, "", s.text())
		}
	}
	nodes := func(h *Header) string {
		var words []string
		for _, n := range h.Nodes {
			words = append(words, strings.TrimSpace(n.ID+" "+n.Kind+" "+n.Home))
		}
		return strings.Join(words, ", ")
	}
	add("nodes", nodes(a), nodes(b))
	return list
}

func (s *Setting) text() string {
	if s.Word != "" {
		return s.Word
	}
	return strconv.FormatInt(s.Number, 10)
}

func (h *Header) setting(key string) string {
	for i := range h.Config {
		if h.Config[i].Key == key {
			return h.Config[i].text()
		}
	}
	return ""
}

// States lists the differences between two states, node by node.
func States(a, b *State) (list []Differs) {
	add := func(what, x, y string) {
		if x != y {
			list = append(list, Differs{what, x, y})
		}
	}
	groups := func(s *State) string {
		var words []string
		for _, g := range s.Groups {
			words = append(words, strings.Join(g, " "))
		}
		return strings.Join(words, " | ")
	}
	add("network", groups(a), groups(b))
	for i := range a.Nodes {
		x := &a.Nodes[i]
		y := b.Find(x.ID)
		if y == nil {
			add(x.ID, "present", "")
			continue
		}
		for k, f := range x.Facts() {
			add(x.ID+" "+f.Name, f.Value, y.Facts()[k].Value)
		}
	}
	for i := range b.Nodes {
		if a.Find(b.Nodes[i].ID) == nil {
			add(b.Nodes[i].ID, "", "present")
		}
	}
	return list
}

// Fact is one property of a node's state, as text for people.
type Fact struct{ Name, Value string }

// Facts returns all properties of a node's state. The names of the properties, and their order, are
// the same for every node.
func (n *NodeState) Facts() []Fact {
	number := func(v uint32) string { return strconv.FormatUint(uint64(v), 10) }
	logs := n.Base
	if k := len(n.Log); k > 0 {
		logs = n.Log[0].Z + " to " + n.Log[k-1].Z + " (" + strconv.Itoa(k) + ")"
	}
	var nodes []string
	for i := range n.Tree {
		c := &n.Tree[i]
		s := c.Path
		if c.Data != "" {
			s += `="` + c.Data + `"`
		}
		if c.Owner != "" {
			s += " of " + c.Owner
		}
		nodes = append(nodes, s)
	}
	belief := ""
	if n.Belief {
		belief = "leads"
	}
	return []Fact{
		{"role", n.Role}, {"epoch", number(n.Epoch)}, {"leader", n.Leader},
		{"accepted", number(n.Acc)}, {"current", number(n.Cur)}, {"log", logs},
		{"durable", n.Durable}, {"committed", n.Com}, {"tree", strings.Join(nodes, ", ")},
		{"watches", strings.Join(n.Watches, ", ")}, {"sessions", strings.Join(n.Sessions, ", ")},
		{"believes", belief}, {"server", n.Server},
	}
}

// clone returns a copy. [State.Apply] on one of the two does not change the other.
func (s *State) clone() *State {
	c := &State{Nodes: slices.Clone(s.Nodes), Groups: s.Groups, index: s.index}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.Log, n.Tree = slices.Clone(n.Log), slices.Clone(n.Tree)
		n.Watches, n.Sessions = slices.Clone(n.Watches), slices.Clone(n.Sessions)
	}
	return c
}
