package etcd_test

import (
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// TestExpiredWrites: a write in a session that is over is refused for the session, whatever else
// stands in its way. The client learns from the refusal that its session is over: its next renewal
// comes later.
func TestExpiredWrites(t *testing.T) {
	t.Parallel()
	p := start(t, 1, 60*sim.Second)
	p.do(p.client("A", 1), create("/a", "", tree.Persistent))
	for _, op := range []tree.Op{
		create("/a", "", tree.Ephemeral), create("/x/y", "", tree.Persistent),
		create("/x/n-", "", tree.EphemeralSequential), of(tree.OpDelete, "/x", tree.AnyVersion),
		of(tree.OpDelete, "/a", 7), set("/x", "", tree.AnyVersion), set("/a", "", 7),
		create("/b", "", tree.Ephemeral), set("/a", "", tree.AnyVersion),
		multi(create("/a", "", tree.Ephemeral)), multi(of(tree.OpCheck, "/x", tree.AnyVersion)),
		multi(create("/b", "", tree.Persistent)),
	} {
		b := p.client("B"+string(rune('a'+len(p.Story().Nodes))), 1)
		p.fault("expire " + b.Who())
		o := p.do(b, op)
		if o.Outcome != client.NotSent || o.Code != tree.SessionExpired || b.Connected() {
			t.Errorf("%s: %v %s, whose session is over, is answered %v, %v; want %v, %v; connected: %v",
				b.Who(), op.Type, op.Path, o.Outcome, o.Code, client.NotSent, tree.SessionExpired, b.Connected())
		}
	}
	p.judged()
}
