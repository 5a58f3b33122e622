package live

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/tree/server"
)

// notServing is what ZooKeeper answers while a server is not part of a quorum.
const notServing = "This ZooKeeper instance is not currently serving requests\n"

// words are ZooKeeper's four-letter words that this package answers, in its formats
// (org.apache.zookeeper.server.command). A connection that begins with one is no client's.
var words = map[string]func(w *gateway.World, s *server.Server) string{
	"ruok": func(*gateway.World, *server.Server) string { return "imok" },
	"isro": func(_ *gateway.World, s *server.Server) string {
		if !s.Serving() {
			return "null"
		}
		return "rw"
	},
	"srvr": srvr,
	"stat": srvr,
	"mntr": mntr,
	"conf": conf,
}

// answer answers a four-letter word to a server. known is false for any other text.
func (h *Host) answer(name, word string) (text string, known bool) {
	f := words[word]
	if f == nil {
		return "", false
	}
	_ = h.Do(func(w *gateway.World) {
		e := w.Ensemble
		if s := e.Server(e.World.Find(name).ID); s != nil {
			text = f(w, s)
		}
	})
	return text, true
}

func mode(s *server.Server) string {
	if s.Leads() {
		return "leader"
	}
	return "follower"
}

func srvr(_ *gateway.World, s *server.Server) string {
	if !s.Serving() {
		return notServing
	}
	return fmt.Sprintf("Zookeeper version: zablab, a simulated server\nConnections: %d\nZxid: %#x\n"+
		"Mode: %s\nNode count: %d\n", s.Connections(), s.Tree().LastProcessed(), mode(s),
		s.Tree().NumNodes())
}

func mntr(w *gateway.World, s *server.Server) string {
	if !s.Serving() {
		return notServing
	}
	var b strings.Builder
	row := func(key string, value any) { fmt.Fprintf(&b, "zk_%s\t%v\n", key, value) }
	row("version", "zablab, a simulated server")
	row("server_state", mode(s))
	row("num_alive_connections", s.Connections())
	row("znode_count", s.Tree().NumNodes())
	row("global_sessions", s.Tree().NumSessions())
	row("peer_state", s.Peer().State())
	if s.Leads() {
		followers := 0
		for _, m := range w.Ensemble.Servers() {
			if o := w.Ensemble.Server(m.ID); o != nil && o != s && o.Serving() &&
				o.Peer().Leader() == s.Peer().ID() {
				followers++
			}
		}
		row("synced_followers", followers)
	}
	return b.String()
}

func conf(w *gateway.World, s *server.Server) string {
	c := &w.Ensemble.Config().Stage
	return fmt.Sprintf("serverId=%d\ntickTime=%d\ninitLimit=%d\nsyncLimit=%d\n", s.Peer().ID(),
		c.Tick/1000, c.InitLimit, c.SyncLimit)
}
