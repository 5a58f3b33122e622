package witness

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// proofs notes by when each zxid had certainly happened: somebody had been told.
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

// proven is when a zxid had certainly happened.
func (j *judge) proven(z lin.Zxid) int64 {
	if k := before(len(j.seen), func(k int) bool { return j.seen[k].z < z }); k < len(j.seen) {
		return j.seen[k].at
	}
	return math.MaxInt64
}

// next is the first change behind a zxid.
func next(diary []change, z lin.Zxid) (change, bool) {
	if k := before(len(diary), func(k int) bool { return diary[k].at <= z }); k < len(diary) {
		return diary[k], true
	}
	return change{}, false
}

// staleness measures how old the states were that reads brought back.
func (j *judge) staleness() {
	if j.aborted {
		return
	}
	f := &j.report.Figures
	for _, it := range j.search.items {
		if !it.read {
			continue
		}
		f.Reads++
		op := &j.Ops[it.op]
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
			j.broken(checkFresh, Breach{int(it.op), -1, "the state of zxid " + c.at.String() + " or later", it.z.String(),
				fmt.Sprintf("%s, called at %d µs, shows zxid %v; %s was %s at zxid %v, known by %d µs",
					op.String(), op.Call, it.z, op.Path, c.kind, c.at, since)})
		}
	}
}

// syncs: the first read of a session behind its sync shows every write that had been answered
// when the sync was called.
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
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(j.Ops[a].Call, j.Ops[b].Call) })
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
				j.broken(checkSync, Breach{k, w.op, "zxid " + w.z.String() + " or later", op.Zxid.String(), fmt.Sprintf(
					"%s at zxid %v, behind a sync that was called after %s (zxid %v) had returned", op.String(), op.Zxid, j.Ops[w.op].String(), w.z)})
			}
			synced = -1
		}
	}
}

// exclusion measures beliefs that overlap, and looks for older tokens that were accepted.
func (j *judge) exclusion() {
	beliefs := slices.Clone(j.Beliefs)
	slices.SortStableFunc(beliefs, func(a, b lin.Belief) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.From, b.From))
	})
	end := int64(math.MinInt64)
	counted := end
	for i, b := range beliefs {
		if i == 0 || beliefs[i-1].Role != b.Role {
			end, counted = math.MinInt64, math.MinInt64
		}
		if from, to := max(b.From, counted), min(b.To, end); from < to {
			j.report.Figures.Overlap += to - from
			counted = to
		}
		end = max(end, b.To)
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
		j.broken(checkFencing, Breach{-1, -1, fmt.Sprintf("token %d or newer", j.Accesses[k].Token), fmt.Sprint(a.Token), fmt.Sprintf(
			"%s accepted token %d of %s at %d µs, after token %d of %s at %d µs", a.Resource, a.Token, a.Client, a.At,
			j.Accesses[k].Token, j.Accesses[k].Client, j.Accesses[k].At)})
	}
}

// say puts every verdict into a sentence.
func (j *judge) say() {
	f := &j.report.Figures
	words := map[string]string{
		checkOrder:      "zxids respect real time, and every transaction has its own",
		checkResults:    "every answer to a write is the reference's at its zxid",
		checkMulti:      "every multi was all or nothing",
		checkSequential: "sequential names are unique and increase with the creates of their parents",
		checkEphemerals: "ephemeral nodes lived as long as their sessions",
		checkStats:      "versions and zxids in stats are right",
		checkSessions:   "no session went back in time",
		checkReads:      fmt.Sprintf("%d reads show the reference's state at their zxids", f.Reads),
		checkFresh: fmt.Sprintf("not asked for; a figure: %d of %d reads were stale when they came, by %d µs at most",
			f.Stale, f.Reads, f.Staleness),
		checkSync:      fmt.Sprintf("reads behind a sync: %d fresh, %d stale", f.SyncFresh, f.SyncStale),
		checkWatches:   fmt.Sprintf("%d events, each of its change and before its state", len(j.Events)),
		checkExclusion: fmt.Sprintf("a figure: for %d µs more than one client believed to hold the same role", f.Overlap),
		checkFencing:   fmt.Sprintf("no fenced resource accepted an older token; unfenced ones did %d times", f.Unfenced),
	}
	if j.options.Linearizable {
		words[checkFresh] = fmt.Sprintf("no read missed what somebody had been told before it was called (%d reads)", f.Reads)
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
