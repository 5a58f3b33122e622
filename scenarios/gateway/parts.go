package gateway

import (
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// part is a part of the clients' history, with what belongs to it.
type part struct {
	black  lin.History // as the clients see it
	record lin.Record
}

// parts checks a long history part by part, and forgets each part that is right. A part that is not
// right, or after which an event may still come, is kept, and checked again together with the next.
//
// One goroutine at a time checks: the world goes on meanwhile.
type parts struct {
	quorumSync bool
	open       part // not checked, or not to the end
	rest       *lin.Rest
	checks     []judge.Check // of the parts so far, merged
	done       int           // how many parts were checked and forgotten
	failed     bool          // a check of the open part is not ok: nothing is forgotten any more
	err        error
	busy       chan struct{} // closed when the checks of the last part are over
}

// Settled reports whether the history up to now is a part that can be checked by itself.
func (w *World) Settled() bool { return w.Ensemble.Settled() }

// Parts returns how many parts of the history were checked and forgotten.
func (w *World) Parts() int {
	w.Wait()
	return w.parts.done
}

// Checking reports whether the checks of an earlier part go on.
func (w *World) Checking() bool {
	select {
	case <-w.parts.busy:
		return false
	default:
		return w.parts.busy != nil
	}
}

// Wait waits until the checks of the earlier parts are over.
func (w *World) Wait() {
	if w.parts.busy != nil {
		<-w.parts.busy
	}
}

// part is the history since the last part.
func (w *World) part() part {
	e := w.Ensemble
	h := judged(e.History())
	return part{h, e.RecordOf(h)}
}

// closePart begins to check the history since the last part, and lets the ensemble forget it. A
// world that keeps its records keeps its history too: a trace needs all of it.
func (w *World) closePart() error {
	e := w.Ensemble
	if e.Config().Keep {
		return nil
	}
	w.Wait()
	w.parts.quorumSync = e.Config().QuorumSync
	p := w.part()
	e.Forget()
	busy := make(chan struct{})
	w.parts.busy = busy
	go func() {
		defer close(busy)
		w.parts.add(p)
	}()
	return nil
}

// add checks the open part with one more.
func (s *parts) add(p part) {
	s.join(p)
	if s.failed || s.err != nil {
		return
	}
	j, err := s.judge(true)
	if err != nil {
		s.err = err
		return
	}
	for i := range j.Checks {
		c := &j.Checks[i]
		s.failed = s.failed || c.Promised && c.Verdict != lin.Linearizable
	}
	if s.failed || j.Rest == nil {
		return
	}
	s.merge(j.Checks)
	s.done++
	s.rest, s.open = j.Rest, part{}
}

// join adds a part to the open one. An operation that was lost is in both while it may still take
// effect: then the second knows more.
func (s *parts) join(p part) {
	again := make(map[int64]bool)
	for i := range p.black {
		again[p.black[i].CallPlace] = true
	}
	s.open.black = slices.DeleteFunc(s.open.black, func(o lin.Operation) bool {
		return o.Outcome == lin.Unknown && again[o.CallPlace]
	})
	s.open.black = append(s.open.black, p.black...)
	r := &s.open.record
	if len(r.Ops) == 0 && len(r.Events) == 0 {
		*r = p.record
		r.Ops = slices.Clip(r.Ops)
		return
	}
	for _, b := range p.record.Beliefs { // one that goes on is in both
		r.Beliefs = slices.DeleteFunc(r.Beliefs, func(o lin.Belief) bool {
			return o.Client == b.Client && o.Role == b.Role && o.From == b.From
		})
	}
	r.Beliefs = append(r.Beliefs, p.record.Beliefs...)
	r.Ops = append(r.Ops, p.record.Ops...)
	r.Events = append(r.Events, p.record.Events...)
}

// judge checks the open part, after what the earlier parts have left.
func (s *parts) judge(more bool) (judge.Judgement, error) {
	black, r := s.open.black, s.open.record
	if s.rest != nil {
		black = append(slices.Clone(s.rest.Earlier), black...)
		s.rest.Begin(&r)
	}
	return judge.Judge(black, r, judge.Options{
		QuorumSync: s.quorumSync, WitnessFirst: true, ZxidsFirst: more, Part: more,
	})
}

// end checks what is left, and returns the checks of all parts.
func (s *parts) end(p part) ([]judge.Check, error) {
	if s.err != nil {
		return nil, s.err
	}
	all := *s // judging may be asked for again later
	all.open.black, all.open.record.Ops = slices.Clone(s.open.black), slices.Clone(s.open.record.Ops)
	all.checks = slices.Clone(s.checks)
	all.join(p)
	j, err := all.judge(false)
	if err != nil {
		return nil, err
	}
	if all.done == 0 {
		return j.Checks, nil
	}
	all.merge(j.Checks)
	for i := range all.checks {
		c := &all.checks[i]
		c.Note = fmt.Sprintf("the history was checked in %d parts: this is the text of one", all.done+1)
	}
	return all.checks, nil
}

// merge adds the checks of one more part: of each check it keeps the worst verdict, and of equal
// ones that which had something to check.
func (s *parts) merge(checks []judge.Check) {
	for i := range checks {
		c := &checks[i]
		k := slices.IndexFunc(s.checks, func(o judge.Check) bool { return o.Name == c.Name })
		switch {
		case k < 0:
			s.checks = append(s.checks, *c)
		case c.Worse(&s.checks[k]):
			s.checks[k] = *c
		}
	}
}
