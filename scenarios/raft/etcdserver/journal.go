package main

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// hard is what a server must not forget: its term, its vote there, and up to where the log is
// committed.
type hard struct{ term, vote, commit uint64 }

// The keys of the journal. The checks of the lab read those of term and vote.
const (
	keyTerm     = "CurrentTerm"
	keyVoteTerm = "LastVoteTerm"
	keyVote     = "LastVoteCand"
	keyCommit   = "Commit"
)

// The bugs that can be injected.
const (
	bugTerm = "term" // the term is not written to the disk
	bugVote = "vote" // the vote is forgotten at once
	bugAck  = "ack"  // entries are acknowledged before their fsync
	bugRead = "read" // a server answers reads from its own state whenever it believes that it leads
)

// journal is the log on the disk. A disk that fails ends the process, as it ends etcd: what the
// disk holds is unknown until it is read again.
type journal struct {
	bug  string
	kept hard
}

// found is what a journal holds when the server starts.
type found struct {
	logs  []contract.Entry // without gaps
	pairs map[string][]byte
}

func (f *found) number(key string) uint64 {
	if b := f.pairs[key]; len(b) == 8 {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// readJournal reads the records, cuts off what a loss of power has torn, and makes the rest
// durable: what a process that died had written may be in the page cache only.
func readJournal() (f found) {
	f.pairs = map[string][]byte{}
	b := machine.Read(contract.Journal)
	whole := len(b)
	for {
		kind, body, rest, ok := contract.NextRecord(b)
		if !ok {
			break
		}
		f.take(kind, body)
		b = rest
	}
	machine.Truncate(contract.Journal, whole-len(b))
	machine.Append(contract.Journal, nil) // so that the file exists
	if err := machine.Sync(contract.Journal, ""); err != nil {
		panic(err)
	}
	return f
}

func (f *found) take(kind contract.Kind, body []byte) {
	switch kind {
	case contract.Entries:
		for {
			e, rest, ok := contract.NextEntry(body)
			if !ok {
				return
			}
			f.put(e)
			body = rest
		}
	case contract.Delete:
		if _, last, ok := contract.Range(body); ok {
			f.logs = slices.DeleteFunc(f.logs, func(e contract.Entry) bool { return e.Index <= last })
		}
	case contract.Set:
		if key, value, ok := contract.Pair(body); ok {
			f.pairs[key] = slices.Clone(value)
		}
	}
}

// put adds an entry, in place of the entries at its index and after it.
func (f *found) put(e contract.Entry) {
	e.Data = slices.Clone(e.Data)
	if n := len(f.logs); n > 0 && e.Index >= f.logs[0].Index && e.Index <= f.logs[n-1].Index+1 {
		f.logs = f.logs[:e.Index-f.logs[0].Index]
	} else {
		f.logs = nil
	}
	f.logs = append(f.logs, e)
}

// after returns the entries that follow a snapshot, or false if the log conflicts with it and must
// go.
func (f *found) after(index, term uint64) (logs []contract.Entry, ok bool) {
	if len(f.logs) == 0 {
		return nil, true
	}
	switch first := f.logs[0].Index; {
	case first == index+1:
		return f.logs, true
	case first > index || index-first >= uint64(len(f.logs)) || f.logs[index-first].Term != term:
		return nil, false
	default:
		return f.logs[index-first+1:], true
	}
}

// record is one write to the journal: records that become durable together. A loss of power may
// keep the first of them only, so each refers to what is before it: the entries to their term, and
// the commit to the entries.
type record []byte

// dropAll deletes the log, before a snapshot that is durable already.
func (r *record) dropAll() { r.drop(math.MaxUint64) }

// drop deletes the log up to an index.
func (r *record) drop(last uint64) {
	*r = contract.AppendRecord(*r, contract.Delete, contract.AppendRange(nil, 0, last))
}

func (r *record) entries(list []entry) {
	if len(list) == 0 {
		return
	}
	var body []byte
	for _, x := range list {
		e := fromEntry(x)
		body = contract.AppendEntry(body, &e)
	}
	*r = contract.AppendRecord(*r, contract.Entries, body)
}

func (r *record) set(key string, value []byte) {
	*r = contract.AppendRecord(*r, contract.Set, contract.AppendPair(nil, key, value))
}

func (r *record) number(key string, n uint64) { r.set(key, binary.BigEndian.AppendUint64(nil, n)) }

// promise adds the term and the vote, if they have changed.
func (j *journal) promise(r *record, h hard) {
	if h.term != j.kept.term && j.bug != bugTerm {
		r.number(keyTerm, h.term)
	}
	if h.vote != 0 && (h.vote != j.kept.vote || h.term != j.kept.term) && j.bug != bugVote {
		r.number(keyVoteTerm, h.term)
		r.set(keyVote, []byte(nameOf(h.vote)))
	}
	j.kept.term, j.kept.vote = h.term, h.vote
}

// committed adds the index up to which the log is committed, if it has changed.
func (j *journal) committed(r *record, h hard) {
	if h.commit != j.kept.commit {
		r.number(keyCommit, h.commit)
	}
	j.kept.commit = h.commit
}

// write appends a record, and makes it durable if sync is set.
func (j *journal) write(r record, sync, entries bool) {
	if len(r) > 0 {
		machine.Append(contract.Journal, r)
	}
	switch {
	case !sync:
	case j.bug == bugAck && entries:
		machine.SyncLater(contract.Journal)
	default:
		if err := machine.Sync(contract.Journal); err != nil {
			panic(err)
		}
	}
}
