package apache

import (
	"testing"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// TestLateHandshake: a slow server's answer to a handshake that the library has given up, and has
// repeated on another connection, does not change the session of the client.
func TestLateHandshake(t *testing.T) {
	l := &life{address: "127.0.0.1:2"}
	tap := l.tap("S1")
	for _, x := range []struct {
		to            string
		session, want int64
	}{{"127.0.0.1:2", 8, 8}, {"127.0.0.1:1", 7, 8}, {"127.0.0.1:2", 9, 9}} {
		b := jute.AppendConnectResponse(nil,
			&tree.ConnectResponse{SessionID: x.session, TimeoutMs: 1000}, false)
		tap.Arrives(x.to, b[4:], true) // without the length
		if l.session != x.want {
			t.Errorf("%d to %s: the session is %d, not %d", x.session, x.to, l.session, x.want)
		}
	}
}
