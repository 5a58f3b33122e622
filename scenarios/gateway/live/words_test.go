package live_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/gateway/live"
)

// ask sends a four-letter word and returns the answer.
func ask(t *testing.T, address, word string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, word); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWhitelist: other words than those that are allowed are refused.
func TestWhitelist(t *testing.T) {
	h := start(t, live.Config{Words: []string{"ruok"}}, 1, nil)
	addr, err := h.Listen("S1", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"ruok": "imok", "envi": "envi is not executed because it is not in the whitelist.\n",
	} {
		if got := ask(t, addr.String(), word); got != want {
			t.Errorf("%s: %q, not %q", word, got, want)
		}
	}
}

// TestWords: the four-letter words tell what a client has done: its session, its ephemeral node and
// its watches.
func TestWords(t *testing.T) {
	h := start(t, live.Config{Speed: 20}, 1, nil)
	addr, err := h.Listen("S1", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := zk.Connect([]string{addr.String()}, 40*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Create("/mine", nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/mine", "/other"} {
		if _, _, _, err := c.ExistsW(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := c.ChildrenW("/mine"); err != nil {
		t.Fatal(err)
	}
	session := fmt.Sprintf("0x%x", c.SessionID())
	for word, want := range map[string]string{
		"ruok": "imok", "isro": "rw", "srvr": "Zookeeper version: 3.8.0", "stat": "Clients:\n /127.",
		"mntr": "zk_znode_count\t5\n", "conf": "tickTime=2000\n", "cons": "(queued=0,client=C1)\n",
		"envi": "\nzookeeper.version=3.8.0", "wchs": "1 connections watching 2 paths\nTotal watches:3\n",
		"wchc": session + "\n\t/mine\n\t/other\n",
		"wchp": "/mine\n\t" + session + "\n/other\n\t" + session + "\n",
		"dump": "Sessions with Ephemerals (1):\n" + session + ":\n\t/mine\n",
		"srst": "Server stats reset.\n",
	} {
		if got := ask(t, addr.String(), word); !strings.Contains(got, want) {
			t.Errorf("%s: %q, without %q", word, got, want)
		}
	}
}
