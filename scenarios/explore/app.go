package explore

import (
	"encoding/binary"

	"github.com/zablab/zablab/zab"
)

// app is the smallest state machine: the list of the writes.
type app struct {
	items []byte
	peer  *zab.Peer
	rec   *recorder
	boots bool // the server reads its own disk
}

// Restore implements [zab.App].
func (a *app) Restore(snapshot []byte) error {
	a.items = append([]byte(nil), snapshot...)
	if base := a.peer.Base(); a.boots && base != 0 {
		a.rec.state(base, base, a.items, true)
	}
	return nil
}

// Deliver implements [zab.App].
func (a *app) Deliver(e zab.Entry, replayed bool) {
	a.items = append(a.items, e.Data...)
	a.rec.state(e.Zxid, a.peer.Base(), a.items, replayed)
}

// Snapshot implements [zab.App].
func (a *app) Snapshot() zab.SnapshotReader {
	return &reader{rest: append([]byte(nil), a.items...)}
}

func (a *app) Changed()                      {}
func (a *app) Forwarded(zab.ID, zab.Message) {}
func (a *app) Answered(zab.Message)          {}
func (a *app) Touched() []zab.Touch          { return nil }
func (a *app) Heard(zab.ID, []zab.Touch)     {}

// reader reads a snapshot of an app.
type reader struct{ rest []byte }

// Next implements [zab.SnapshotReader].
func (r *reader) Next(dst []byte, max int) ([]byte, bool) {
	n := min(max, len(r.rest))
	dst = append(dst, r.rest[:n]...)
	r.rest = r.rest[n:]
	return dst, len(r.rest) == 0
}

// Size implements [zab.SnapshotReader].
func (r *reader) Size() int { return len(r.rest) }

// AppendState implements [zab.Stateful].
func (r *reader) AppendState(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(r.rest)))
	return append(dst, r.rest...)
}
