package witness

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// These are the names of the checks that need no zxids.
const (
	Exclusion = checkExclusion
	Fencing   = checkFencing
)

// These are the names of the checks.
const (
	checkOrder      = "zxid-order"
	checkResults    = "write-results"
	checkMulti      = "multi"
	checkSequential = "sequential-names"
	checkEphemerals = "ephemerals"
	checkStats      = "stats"
	checkSessions   = "session-order"
	checkReads      = "reads"
	checkFresh      = "linearizable-reads"
	checkSync       = "sync"
	checkWatches    = "watches"
	checkExclusion  = "mutual-exclusion"
	checkFencing    = "fencing"
)

// Options say what to check. The zero value checks what ZooKeeper promises.
type Options struct {
	QuorumSync   bool // a read after a sync that misses a write is a breach, not only a figure
	Linearizable bool // a stale read is a breach, not only a figure
}

// Verdict is the result of one check.
type Verdict struct {
	Check    string
	Result   lin.Answer
	Text     string
	Breaches []lin.Breach
}

// Report has all verdicts, in the order of the checks, and the figures.
type Report struct {
	Verdicts []Verdict
	Figures  Figures
}

// Of returns the verdict of the named check.
func (r *Report) Of(check string) *Verdict {
	for i := range r.Verdicts {
		if r.Verdicts[i].Check == check {
			return &r.Verdicts[i]
		}
	}
	return nil
}

// Result returns the worst of all verdicts: broken, then undecided, then ok.
func (r *Report) Result() lin.Answer {
	worst := lin.Linearizable
	for i := range r.Verdicts {
		if v := r.Verdicts[i].Result; v == lin.Broken || v == lin.Undecided && worst != lin.Broken {
			worst = v
		}
	}
	return worst
}

// mostBreaches is how many breaches of a check are kept. After as many breaches a walk stops.
const mostBreaches = 20

type judge struct {
	lin.Record
	options Options
	report  Report
	search  *search
	aborted bool // the walk was not completed
	seen    []proof
	hear    []*listener
}

// proof is the first moment at which all transactions up to a zxid had certainly happened.
type proof struct {
	z  lin.Zxid
	at int64
}

// Judge judges a record. It fails only for an invalid history: see [lin.History.Validate].
func Judge(r lin.Record, o Options) (Report, error) {
	j, err := judgement(r, o)
	if err != nil {
		return Report{}, err
	}
	return j.report, nil
}

// JudgePart judges a part of a long history, as Judge does, and returns what must be known of it to
// judge the next part. rest is nil if that cannot be told: because a check is not ok, or because an
// event that reports a change may still come. Then judge the part and the next one as one record.
func JudgePart(r lin.Record, o Options) (report Report, rest *lin.Rest, err error) {
	j, err := judgement(r, o)
	if err != nil {
		return Report{}, nil, err
	}
	return j.report, j.rest(), nil
}

func judgement(r lin.Record, o Options) (*judge, error) {
	if err := r.Ops.Validate(); err != nil {
		return nil, err
	}
	j := &judge{Record: r, options: o}
	for _, name := range []string{checkOrder, checkResults, checkMulti, checkSequential,
		checkEphemerals,
		checkStats, checkSessions, checkReads, checkFresh, checkSync, checkWatches, checkExclusion,
		checkFencing} {
		j.report.Verdicts = append(j.report.Verdicts,
			Verdict{Check: name, Result: lin.Linearizable})
	}
	j.line()
	j.forgotten()
	j.realTime()
	j.sessions()
	j.results()
	j.proofs()
	j.staleness()
	j.syncs()
	j.watches()
	j.exclusion()
	j.say()
	return j, nil
}

// broken records a breach by operation op, after operation before; -1 if there is no such
// operation.
func (j *judge) broken(check string, op, before int, reference, seen, text string) {
	v := j.report.Of(check)
	v.Result = lin.Broken
	if len(v.Breaches) < mostBreaches {
		v.Breaches = append(v.Breaches, lin.Breach{
			Op: op, Before: before, Reference: reference, Seen: seen, Text: text,
		})
	}
}

// zxid returns the zxid of a write's own transaction, or 0 if it is unknown.
func zxid(op *lin.Operation) lin.Zxid {
	if op.Txn != 0 || op.Outcome == lin.Unknown {
		return op.Txn
	}
	return op.Zxid
}

// reads reports whether operations of the kind show part of the tree.
func reads(k lin.Kind) bool {
	switch k {
	case lin.Get, lin.Exists, lin.Children, lin.GetACL, lin.Ephemerals, lin.Descendants:
		return true
	}
	return false
}

// line sorts the operations that have a zxid by zxid.
func (j *judge) line() {
	s := &search{h: j.Ops, initial: j.Initial, closed: j.Closed}
	j.search = s
	for i := range j.Ops {
		op := &j.Ops[i]
		switch {
		case op.Earlier:
		case op.Outcome == lin.Failed && !judged(op) || !op.Kind.Write() && !reads(op.Kind):
		case !op.Kind.Write() || j.FailuresRead && op.Outcome == lin.Failed && op.Txn == 0:
			if op.Outcome != lin.Unknown && op.Zxid != 0 {
				s.items = append(s.items, item{op.Zxid, int32(i), true})
			}
		case zxid(op) != 0:
			s.items = append(s.items, item{zxid(op), int32(i), false})
		default:
			s.loose = append(s.loose, loose{op: int32(i), must: op.Outcome != lin.Unknown})
		}
	}
	slices.SortFunc(s.items, func(a, b item) int {
		switch {
		case a.z != b.z:
			return cmp.Compare(a.z, b.z)
		case a.read != b.read:
			if a.read {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.op, b.op)
	})
	s.excused = make([]bool, len(s.items))
	s.budget = budgetLeast + budgetPerOp*len(s.items)
	s.bounds()
}

// realTime checks that the order of the zxids agrees with real time. If one write returned before
// another was called, its zxid is smaller; no two writes have the same zxid; and no read shows a
// write that was called after the read returned.
func (j *judge) realTime() {
	// first is, of the writes with larger zxids, the first to return.
	first, earliest := -1, int64(math.MaxInt64)
	items := j.search.items
	for p := len(items) - 1; p >= 0; p-- {
		op, i := &j.Ops[items[p].op], int(items[p].op)
		if items[p].read {
			continue
		}
		if earliest < op.Call {
			j.broken(checkOrder, i, first, "a zxid below "+items[p].z.String()+" for the earlier operation",
				zxid(&j.Ops[first]).String(),
				fmt.Sprintf("%s (zxid %v) returned before %s was called, but the later call has "+
					"the smaller zxid %v",
					j.Ops[first].String(), zxid(&j.Ops[first]), op.String(), items[p].z))
		}
		if p > 0 && !items[p-1].read && items[p-1].z == items[p].z {
			k := int(items[p-1].op)
			j.broken(checkOrder, i, k, "one transaction for each zxid", items[p].z.String(),
				fmt.Sprintf("%s and %s have the same zxid %v", j.Ops[k].String(), op.String(),
					items[p].z))
		}
		if op.Outcome != lin.Unknown && op.Return < earliest {
			first, earliest = i, op.Return
		}
	}
	last := -1
	for p := range items {
		op, i := &j.Ops[items[p].op], int(items[p].op)
		switch {
		case !items[p].read && (last < 0 || op.Call > j.Ops[last].Call):
			last = i
		case items[p].read && last >= 0 && op.Return < j.Ops[last].Call:
			j.broken(checkReads, i, last, "a state without that later write", items[p].z.String(),
				fmt.Sprintf("the reply to %s at zxid %v shows a write that was called only after "+
					"the reply: %s",
					op.String(), items[p].z, j.Ops[last].String()))
		}
	}
}

// sessions checks that the zxids of a session's replies, in the order of its calls, never decrease.
func (j *judge) sessions() {
	var calls []int
	for i := range j.Ops {
		op := &j.Ops[i]
		if op.Session != 0 && op.Zxid != 0 && op.Outcome != lin.Unknown &&
			op.Kind != lin.CloseSession {
			calls = append(calls, i)
		}
	}
	slices.SortStableFunc(calls, func(a, b int) int {
		return cmp.Or(cmp.Compare(j.Ops[a].Session, j.Ops[b].Session),
			cmp.Compare(j.Ops[a].Call, j.Ops[b].Call))
	})
	top := -1
	for _, i := range calls {
		op := &j.Ops[i]
		if op.Kind.Write() && op.Txn > op.Zxid {
			j.broken(checkSessions, i, -1, op.Txn.String()+" or later",
				op.Zxid.String(),
				fmt.Sprintf("%s: the reply has zxid %v, but the write itself has the later zxid %v",
					op.String(), op.Zxid, op.Txn))
		}
		if top >= 0 && j.Ops[top].Session == op.Session && op.Zxid < j.Ops[top].Zxid {
			j.broken(checkSessions, i, top, "zxid "+j.Ops[top].Zxid.String()+" or later",
				op.Zxid.String(),
				fmt.Sprintf("session 0x%x sees an older state after a newer one: "+
					"%s has zxid %v, but the earlier %s has zxid %v",
					int64(op.Session),
					op.String(), op.Zxid, j.Ops[top].String(), j.Ops[top].Zxid))
			continue
		}
		top = i
	}
}

// results compares every reply with the reference. If some writes have no zxid, it walks twice:
// through the writes alone, then through writes and reads.
func (j *judge) results() {
	s := j.search
	if len(s.loose) > 0 {
		all := s.items
		s.items = slices.DeleteFunc(slices.Clone(all), func(it item) bool { return it.read })
		s.excused = make([]bool, len(s.items))
		s.bounds()
		guilty := make(map[int32]bool)
		j.convict(func(p int) bool { guilty[s.items[p].op] = true; return true })
		s.items, s.excused = all, make([]bool, len(all))
		for p, it := range all {
			s.excused[p] = guilty[it.op]
		}
		s.bounds()
	}
	if !j.aborted {
		j.convict(j.reader)
	}
}

// reader returns true if the item at p itself is to blame. If p is a write that only the reads make
// impossible, reader blames the last read before p and returns false.
func (j *judge) reader(p int) bool {
	s := j.search
	if len(s.loose) == 0 || s.items[p].read {
		return true
	}
	for q := p - 1; q >= 0; q-- {
		if s.items[q].read && !s.excused[q] {
			s.excused[q] = true
			i := int(s.items[q].op)
			j.broken(checkReads, i, int(s.items[p].op), s.miss.reference, s.miss.seen,
				fmt.Sprintf("the answers to %s at zxid %v and to %s contradict each other",
					j.Ops[i].String(),
					s.items[q].z, j.Ops[s.items[p].op].String()))
			return false
		}
	}
	return true
}

// convict looks for breaches until every item is explained or excused. own reports whether item p
// itself is to blame.
func (j *judge) convict(own func(p int) bool) {
	s := j.search
	r := s.walk()
	for n := 0; r == stuck; n++ {
		p := s.furthest
		if n >= mostBreaches || p < 0 {
			r = exhausted
			break
		}
		if own(p) {
			s.excused[p] = true
			i, prev := int(s.items[p].op), -1
			if p > 0 {
				prev = int(s.items[p-1].op)
			}
			check := s.miss.check
			if check == "" {
				check = checkResults
			}
			j.broken(check,
				i, prev, s.miss.reference, s.miss.seen,
				fmt.Sprintf("%s at zxid %v: the reference tree says %s, the reply says %s",
					j.Ops[i].String(), s.items[p].z, s.miss.reference, s.miss.seen))
		}
		if len(s.loose) == 0 {
			r = s.straight(s.furthest)
		} else {
			r = s.walk()
		}
	}
	if r == explained {
		return
	}
	j.aborted = true
	why := fmt.Sprintf("undecided: the judge stopped after %d breaches of other checks, and did "+
		"not check the rest of the run", mostBreaches)
	if s.steps > s.budget {
		why = fmt.Sprintf("undecided: the judge stopped after %d steps of its search for the order "+
			"of the %d writes without a zxid", s.budget, len(s.loose))
	}
	for _, name := range []string{checkResults, checkMulti, checkSequential, checkEphemerals,
		checkStats, checkReads, checkWatches, checkFresh} {
		if v := j.report.Of(name); v.Result == lin.Linearizable {
			v.Result, v.Text = lin.Undecided, why
		}
	}
}
