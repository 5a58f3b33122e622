package witness

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// proofs finds, for each zxid, the first moment at which a reply had shown it.
func (j *judge) proofs() {
	for i := range j.Ops {
		if op := &j.Ops[i]; op.Outcome != lin.Unknown && max(op.Zxid, op.Txn) != 0 {
			j.seen = append(j.seen, proof{max(op.Txn, op.Zxid), op.Return})
		}
	}
	slices.SortFunc(j.seen, func(a, b proof) int { return cmp.Compare(a.z, b.z) })
	for i := len(j.seen) - 2; i >= 0; i-- {
		j.seen[i].at = min(j.seen[i].at, j.seen[i+1].at)
	}
}

// proven returns the moment at which the transaction with a zxid had certainly happened.
func (j *judge) proven(z lin.Zxid) int64 {
	if k := before(len(j.seen), func(k int) bool { return j.seen[k].z < z }); k < len(j.seen) {
		return j.seen[k].at
	}
	return math.MaxInt64
}

// next returns the first change after a zxid.
func next(diary []change, z lin.Zxid) (change, bool) {
	if k := before(len(diary), func(k int) bool { return diary[k].at <= z }); k < len(diary) {
		return diary[k], true
	}
	return change{}, false
}

// staleness measures how stale the states were that reads returned.
func (j *judge) staleness() {
	if j.aborted {
		return
	}
	f := &j.report.Figures
	for _, it := range j.search.items {
		op := &j.Ops[it.op]
		if !it.read || op.Kind.Write() {
			continue
		}
		f.Reads++
		id, known := j.search.w.ids[op.Path]
		if !known {
			continue
		}
		n := &j.search.w.nodes[id]
		c, over := next(n.changes, it.z)
		if l, ok := next(n.lists, it.z); op.Kind == lin.Children && ok && (!over || l.at < c.at) {
			c, over = l, true
		}
		if !over {
			continue
		}
		since := j.proven(c.at)
		if since < op.Return {
			f.Stale++
			f.Staleness = max(f.Staleness, op.Return-since)
		}
		if since < op.Call && j.options.Linearizable {
			reference := "the state at zxid " + c.at.String() + " or later"
			j.broken(checkFresh, int(it.op), j.writeAt(c.at), reference, it.z.String(),
				fmt.Sprintf("stale read: %s, called at %d µs, shows zxid %v, but %s was %s at "+
					"zxid %v, and a reply at %d µs had already shown this zxid or a later one",
					op.String(), op.Call, it.z, op.Path, c.kind, c.at, since))
		}
	}
}

// writeAt returns the operation whose transaction has zxid z, or -1 if none is known.
func (j *judge) writeAt(z lin.Zxid) int {
	items := j.search.items
	k := before(len(items), func(k int) bool { return items[k].z < z })
	if k < len(items) && items[k].z == z && !items[k].read {
		return int(items[k].op)
	}
	return -1
}

// syncs measures, or checks, what reads show after a sync. The first read of a session after its
// sync should show every write that had been answered when the sync was called.
func (j *judge) syncs() {
	type answered struct {
		at int64
		z  lin.Zxid
		op int
	}
	var writes []answered
	bySession := make(map[lin.Session][]int)
	for i := range j.Ops {
		op := &j.Ops[i]
		if z := zxid(op); op.Kind.Write() && op.Outcome != lin.Unknown && z != 0 {
			writes = append(writes, answered{op.Return, z, i})
		}
		if op.Session != 0 && (op.Kind == lin.Sync && op.Outcome == lin.OK ||
			reads(op.Kind) && op.Outcome != lin.Unknown && op.Zxid != 0) {
			bySession[op.Session] = append(bySession[op.Session], i)
		}
	}
	slices.SortFunc(writes, func(a, b answered) int { return cmp.Compare(a.at, b.at) })
	for k := 1; k < len(writes); k++ {
		if writes[k].z < writes[k-1].z {
			writes[k].z, writes[k].op = writes[k-1].z, writes[k-1].op
		}
	}
	for i := range j.Ops { // sessions in the order of their first operations
		list := bySession[j.Ops[i].Session]
		delete(bySession, j.Ops[i].Session)
		slices.SortStableFunc(list, func(a, b int) int {
			return cmp.Compare(j.Ops[a].Call, j.Ops[b].Call)
		})
		synced := -1
		for _, k := range list {
			op := &j.Ops[k]
			if op.Kind == lin.Sync {
				synced = k
				continue
			}
			if synced < 0 || op.Call < j.Ops[synced].Return {
				continue
			}
			n := before(len(writes), func(n int) bool { return writes[n].at < j.Ops[synced].Call })
			if n == 0 || op.Zxid >= writes[n-1].z {
				j.report.Figures.SyncFresh++
			} else if j.report.Figures.SyncStale++; j.options.QuorumSync {
				w := writes[n-1]
				j.broken(checkSync, k, w.op, "zxid "+w.z.String()+" or later",
					op.Zxid.String(), fmt.Sprintf(
						"stale read after sync: %s shows zxid %v, although "+
							"%s (zxid %v) had returned before the sync was called",
						op.String(), op.Zxid, j.Ops[w.op].String(), w.z))
			}
			synced = -1
		}
	}
}

// exclusion measures beliefs that overlap, and finds older tokens that were accepted. A belief
// without an end lasts to the end of the record.
func (j *judge) exclusion() {
	beliefs := slices.Clone(j.Beliefs)
	slices.SortStableFunc(beliefs, func(a, b lin.Belief) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.From, b.From))
	})
	last, f := j.last(), &j.report.Figures
	f.Beliefs = len(beliefs)
	// holder is, of the beliefs of the role so far, the one that ends last.
	holder, counted := -1, int64(math.MinInt64)
	for i, b := range beliefs {
		if i == 0 || beliefs[i-1].Role != b.Role {
			holder, counted = i, math.MinInt64
			continue
		}
		h := beliefs[holder]
		from, to := max(b.From, counted), min(b.To, h.To, last)
		if from < to {
			f.Overlap += to - from
			counted = to
		}
		if from = b.From; to-from > f.Longest.To-f.Longest.From && h.Client != b.Client {
			f.Longest = Overlap{b.Role, h.Client, b.Client, from, to}
		}
		if b.To > h.To {
			holder = i
		}
	}
	newest := make(map[string]int)
	for i := range j.Accesses {
		a := &j.Accesses[i]
		if !a.Accepted {
			continue
		}
		k, any := newest[a.Resource]
		if !any || a.Token >= j.Accesses[k].Token {
			newest[a.Resource] = i
			continue
		}
		if !a.Fenced {
			j.report.Figures.Unfenced++
			continue
		}
		j.broken(checkFencing, -1, -1, fmt.Sprintf("token %d or newer", j.Accesses[k].Token),
			fmt.Sprint(a.Token), fmt.Sprintf(
				"stale token: %s accepted token %d of %s at %d µs, "+
					"after token %d of %s at %d µs", a.Resource,
				a.Token, a.Client, a.At,
				j.Accesses[k].Token, j.Accesses[k].Client, j.Accesses[k].At))
	}
}

// last returns the last moment in the record.
func (j *judge) last() (at int64) {
	for i := range j.Ops {
		if at = max(at, j.Ops[i].Call); j.Ops[i].Outcome != lin.Unknown {
			at = max(at, j.Ops[i].Return)
		}
	}
	for i := range j.Events {
		at = max(at, j.Events[i].At)
	}
	for i := range j.Accesses {
		at = max(at, j.Accesses[i].At)
	}
	for _, b := range j.Beliefs {
		if at = max(at, b.From); b.To != lin.Infinity {
			at = max(at, b.To)
		}
	}
	return at
}

// counted is how many things there are to check.
type counted struct{ writes, multis, sequential, ephemerals, stats, sessions, events int }

func (j *judge) count() (n counted) {
	sessions := make(map[lin.Session]bool)
	for i := range j.Ops {
		op := &j.Ops[i]
		if op.Earlier {
			continue
		}
		if op.Session != 0 && !sessions[op.Session] {
			sessions[op.Session] = true
			n.sessions++
		}
		if op.Kind.Write() {
			n.writes++
		}
		if op.Kind == lin.Multi {
			n.multis++
		}
		if op.Result.Stat != nil {
			n.stats++
		}
		if op.Kind == lin.Create && op.Ephemeral && op.Outcome != lin.Failed {
			n.ephemerals++
		}
		if op.Kind == lin.Create && op.Sequential && op.Outcome != lin.Failed {
			n.sequential++
		}
	}
	for i := range j.Events {
		if k := j.Events[i].Kind; k != lin.Reconnected && k != lin.Unwatched {
			n.events++
		}
	}
	return n
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if first, rest, ok := strings.Cut(what, " "); ok && first != "sequential" &&
		first != "ephemeral" {
		return fmt.Sprintf("%d %ss %s", n, first, rest)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// amount says how many things were checked, and how.
func amount(n int, what, how string) string {
	if n == 0 {
		return Idle + ": no " + what
	}
	if n == 1 {
		how = strings.TrimPrefix(how, "each ")
	}
	return plural(n, what) + ", " + how
}

// say gives every verdict its text.
func (j *judge) say() {
	f := &j.report.Figures
	n := j.count()
	words := map[string]string{
		checkOrder: fmt.Sprintf("%s: zxid order agrees with real time",
			plural(n.writes, "write")),
		checkResults: fmt.Sprintf("%s, each equal to the reference tree's answer",
			plural(n.writes, "answer")),
		checkMulti:      amount(n.multis, "multi", "each applied as a whole or not at all"),
		checkSequential: amount(n.sequential, "sequential name", "unique and increasing"),
		checkEphemerals: amount(n.ephemerals, "ephemeral node",
			"each deleted when its session ended, not before"),
		checkStats:    amount(n.stats, "stat", "each with the right versions and zxids"),
		checkSessions: fmt.Sprintf("zxids never decrease in %s", plural(n.sessions, "session")),
		checkReads:    amount(f.Reads, "read", "each showing the state at its zxid"),
		checkFresh:    f.Say(checkFresh),
		checkSync:     f.Say(checkSync),
		checkWatches: amount(n.events, "event",
			"each sent once, for the right change, before any reply that shows that change"),
		checkExclusion: f.Say(checkExclusion),
		checkFencing: amount(len(j.Accesses), "write to a resource", fmt.Sprintf(
			"%d of them with a stale token, accepted by a resource without fencing",
			f.Unfenced)),
	}
	if j.options.Linearizable {
		words[checkFresh] = plural(f.Reads, "read") + ": each read shows a state at least as new as " +
			"all replies that had arrived before the read was called"
	}
	for i := range j.report.Verdicts {
		v := &j.report.Verdicts[i]
		switch {
		case v.Result == lin.Broken:
			v.Text = v.Breaches[0].Text
		case v.Text == "":
			v.Text = words[v.Check]
		}
	}
}
