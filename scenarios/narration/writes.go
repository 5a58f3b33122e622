package narration

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Write is a client's write to a resource outside the ensemble: the message that the resource
// receives. Its token is the czxid of the ephemeral node that the client created last. The resource
// sets Newest and Refused when the write arrives.
type Write struct {
	N      int // its number among the resource's writes, from 0
	Client string
	Token  zab.Zxid
	Sent   int64 // index of the record of kind "note" whose body is a Writing

	Newest  zab.Zxid // the newest token that the resource has seen, this one included
	Refused bool     // because the token is older than Newest
}

// Name returns the name of the message in traces.
func (w *Write) Name() string { return "WRITE" }

// Size returns 0: the write does not use a link.
func (w *Write) Size() int { return 0 }

// Key returns a hash of the write, for the fingerprint.
func (w *Write) Key() uint64 { return sim.HashString(w.Client) ^ uint64(w.Token) }

// Writing is the body of a record which says that a client sends a write.
type Writing struct {
	Write  *Write
	To     string // the resource
	Arrive sim.Time
}

// String returns the sentence of the record.
func (w Writing) String() string {
	return fmt.Sprintf("%s writes to %s with token %v", w.Write.Client, w.To, w.Write.Token)
}

// firstWrite is the number of the message of a write that is record 0. Numbers of messages between
// machines are far below it.
const firstWrite = 1 << 40

// write turns the event of a record about a write into a message from the client to the resource.
// In the run the write is an act of the drawing and a command, because it uses no link.
func (t *narrator) write(v *trace.Event, r *sim.Record) {
	if b, ok := r.Body.(Writing); ok {
		w := b.Write
		v.N, v.K, v.M = w.Client, sim.KindSend.String(), firstWrite+uint64(w.Sent)
		v.Msg = &trace.Message{To: b.To, Kind: w.Name(), Z: w.Token.String(), At: int64(b.Arrive)}
		v.Say, v.Why, v.Key, v.Drawn = trace.Clip(b.String()), "fence", "write", "write"
		return
	}
	w, ok := r.Message.(*Write)
	if !ok {
		return
	}
	v.K, v.M, v.Cause = sim.KindRecv.String(), firstWrite+uint64(w.Sent), w.Sent
	v.Patch.Com = text(w.Newest.String())
	v.Why, v.Drawn = "fence", "accepted"
	switch {
	case w.Refused:
		v.Key, v.Drawn = "refused", "rejected"
		v.Say = trace.Clip(fmt.Sprintf("%s refuses %s's write: token %v < %v", v.N, w.Client,
			w.Token, w.Newest))
	case w.Token < w.Newest:
		v.Key = "stale"
		v.Say = trace.Clip(fmt.Sprintf("%s accepts %s's stale write: token %v < %v", v.N,
			w.Client, w.Token,
			w.Newest))
	default:
		v.Key = "accepted"
		v.Say = trace.Clip(fmt.Sprintf("%s accepts %s's write with token %v", v.N,
			w.Client, w.Token))
	}
}
