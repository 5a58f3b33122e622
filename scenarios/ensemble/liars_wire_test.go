package ensemble_test

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Liars on the wire between servers, and to their disks.

// vouches says of every session that it ever heard of that it is alive.
var vouches = liar{says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
	for i, f := range out {
		m, ok := f.Msg.(*zab.Ping)
		if !ok || l.server().Leads() {
			continue
		}
		told := *m
		told.Touched = nil
		for _, s := range l.server().Tree().AppendSessions(nil) {
			told.Touched = append(told.Touched, zab.Touch{Session: s.ID, TimeoutMs: s.TimeoutMs})
		}
		out[i].Msg = &told
	}
	return out
}}

// acksEarly says of every proposal that it is on its disk, as soon as it comes.
var acksEarly = liar{says: func(l *liar, e sim.Event, out []sim.Effect) (all []sim.Effect) {
	for _, f := range out {
		if m, ok := f.Msg.(*zab.Ack); ok && m.Zxid.Counter() != 0 {
			continue // it was said before
		}
		all = append(all, f)
	}
	if m, ok := e.Msg.(*zab.Proposal); ok && e.Kind == sim.Received {
		all = append(all, sim.Effect{
			Kind: sim.Send, Conn: e.Conn, Msg: &zab.Ack{Zxid: m.Entry.Zxid},
		})
	}
	return all
}}

// skips does not hear the third message of a kind.
func skips(kind string) liar {
	return liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
		if e.Kind == sim.Received && e.Msg.Name() == kind {
			l.count++
		}
		return e, e.Kind != sim.Received || e.Msg.Name() != kind || l.count != 3
	}}
}

// deaf hears no PROPOSAL and no COMMIT from the third on.
var deaf = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	switch m := e.Msg.(type) {
	case *zab.Proposal:
		return e, m.Entry.Zxid.Counter() < 3
	case *zab.Commit:
		return e, m.Zxid.Counter() < 3
	}
	return e, true
}}

// mishears takes another word for the data of every setData.
var mishears = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	m, ok := e.Msg.(*zab.Proposal)
	if !ok || tree.TxnType(m.Entry.Data) != tree.OpSetData {
		return e, true
	}
	txn, err := tree.DecodeTxn(m.Entry.Data)
	if err != nil {
		panic(err)
	}
	txn.Body.(*tree.SetDataTxn).Data = []byte("another")
	e.Msg = &zab.Proposal{Entry: zab.Entry{Zxid: m.Entry.Zxid, Data: txn.Append(nil)}}
	return e, true
}}

// commitsAtOnce sends COMMIT right after its PROPOSAL.
var commitsAtOnce = liar{says: func(l *liar, e sim.Event, out []sim.Effect) (all []sim.Effect) {
	for _, f := range out {
		if _, ok := f.Msg.(*zab.Commit); ok {
			continue
		}
		all = append(all, f)
		if m, ok := f.Msg.(*zab.Proposal); ok {
			f.Msg = &zab.Commit{Zxid: m.Entry.Zxid}
			all = append(all, f)
		}
	}
	return all
}}

// commitsAlone keeps its proposals to itself, and takes a PING for the ack of the last one.
var commitsAlone = liar{
	hears: func(l *liar, e sim.Event) (sim.Event, bool) {
		if _, ok := e.Msg.(*zab.Ping); ok && l.count > 0 {
			e.Msg = &zab.Ack{Zxid: zab.Zxid(l.count)}
		}
		return e, true
	},
	says: func(l *liar, e sim.Event, out []sim.Effect) (all []sim.Effect) {
		for _, f := range out {
			if m, ok := f.Msg.(*zab.Proposal); ok && tree.TxnType(m.Entry.Data) == tree.OpSetData {
				l.count = int64(m.Entry.Zxid)
				continue
			}
			all = append(all, f)
		}
		return all
	},
}

// records changes the third record on its way to the log, or drops it if change is nil.
func records(change func(zab.Entry) zab.Entry) liar {
	return liar{says: func(l *liar, e sim.Event, out []sim.Effect) (all []sim.Effect) {
		for _, f := range out {
			if _, log, _ := zab.FileZxid(f.File); log && f.Kind == sim.Append {
				if l.count++; l.count == 3 {
					if change == nil {
						continue
					}
					entry, _, _ := zab.NextRecord(f.Data)
					f.Data = zab.AppendRecord(nil, change(entry))
				}
			}
			all = append(all, f)
		}
		return all
	}}
}

// otherwise is a transaction that nobody proposed, of the same length.
func otherwise(e zab.Entry) zab.Entry {
	e.Data = append([]byte{e.Data[0] ^ 1}, e.Data[1:]...)
	return e
}
