package host

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"
)

// TestWords: a real server answers the four-letter words that a simulated one does.
func TestWords(t *testing.T) {
	x := newTrial(t, dirs(t, 1)...)
	x.all(New)
	x.serve(1)
	c := connect(t, x.clients[0])
	if _, err := c.Create("/mine", nil, zk.FlagEphemeral, open); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.ExistsW("/mine"); err != nil {
		t.Fatal(err)
	}
	session := fmt.Sprintf("0x%x", c.SessionID())
	for _, w := range []struct{ word, want string }{
		{"ruok", "imok"}, {"isro", "rw"}, {"srvr", "Mode: standalone\nNode count: 5\n"},
		{"stat", "Clients:\n /127."}, {"mntr", "zk_cnt_fsynctime\t"}, {"conf", "serverId=1\n"},
		{"cons", "[1](queued=0)\n"}, {"envi", "\nhost.name=S1\n"},
		{"wchs", "1 connections watching 1 paths\nTotal watches:1\n"},
		{"wchc", session + "\n\t/mine\n"}, {"wchp", "/mine\n\t" + session + "\n"},
		{"dump", "Sessions with Ephemerals (1):\n" + session + ":\n\t/mine\n"},
		{"srst", "Server stats reset.\n"}, {"srvr", "Received: 0\n"},
	} {
		conn, err := net.Dial("tcp", x.clients[0])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, w.word)
		b, err := io.ReadAll(conn)
		if err != nil || !strings.Contains(string(b), w.want) ||
			strings.Contains(string(b), "Latency") {
			t.Errorf("%s: %q, %v, without %q", w.word, b, err, w.want)
		}
		_ = conn.Close()
	}
}
