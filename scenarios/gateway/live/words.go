package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// notServing is what ZooKeeper answers while a server is not part of a quorum.
const notServing = "This ZooKeeper instance is not currently serving requests\n"

// version is what a server calls itself, in the form that monitoring tools read.
const version = "3.8.0-zablab, built on 01/01/2023 00:00 GMT"

// words are ZooKeeper's four-letter words that this package answers, in its formats
// (org.apache.zookeeper.server.command). A connection that begins with one is no client's.
var words = map[string]func(h *Host, s *server.Server, name string) string{
	"ruok": func(*Host, *server.Server, string) string { return "imok" },
	"isro": func(_ *Host, s *server.Server, _ string) string {
		if !s.Serving() {
			return "null"
		}
		return "rw"
	},
	"srvr": srvr,
	"stat": stat,
	"mntr": mntr,
	"conf": conf,
}

// answer answers a four-letter word to a server. known is false for any other text. A server that is
// down says nothing.
func (h *Host) answer(name, word string) (text string, known bool) {
	f := words[word]
	if f == nil {
		return "", false
	}
	_ = h.Do(func(w *gateway.World) {
		e := w.Ensemble
		if s := e.Server(e.World.Find(name).ID); s != nil {
			text = f(h, s, name)
		}
	})
	return text, true
}

// numbers are the figures of one server's traffic.
type numbers struct {
	traffic
	outstanding int
	clients     []string // a line for each connection
}

func (h *Host) numbers(server string) (n numbers) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.traffic[server]; t != nil {
		n.traffic = *t
	}
	for a, l := range h.links {
		if l.server == server {
			n.outstanding += len(l.credit)
			n.clients = append(n.clients, fmt.Sprintf(" /%v[1](queued=%d,client=%s)",
				l.conn.RemoteAddr(), len(l.credit), a.client))
		}
	}
	slices.Sort(n.clients)
	return n
}

// latency returns the average in ms.
func (n *numbers) latency() float64 {
	return n.time.Seconds() * 1000 / float64(max(n.answered, 1))
}

func (h *Host) mode(s *server.Server) string {
	switch {
	case h.world.Ensemble.Config().Servers == 1:
		return "standalone"
	case s.Leads():
		return "leader"
	case s.Peer().State() == zab.Observing:
		return "observer"
	}
	return "follower"
}

func srvr(h *Host, s *server.Server, name string) string { return h.summary(s, name, false) }

func stat(h *Host, s *server.Server, name string) string { return h.summary(s, name, true) }

func (h *Host) summary(s *server.Server, name string, clients bool) string {
	if !s.Serving() {
		return notServing
	}
	n := h.numbers(name)
	text := "Zookeeper version: " + version + "\n"
	if clients {
		text += "Clients:\n" + strings.Join(append(n.clients, "", ""), "\n")
	}
	return text + fmt.Sprintf("Latency min/avg/max: %d/%.1f/%d\nReceived: %d\nSent: %d\n"+
		"Connections: %d\nOutstanding: %d\nZxid: %#x\nMode: %s\nNode count: %d\n",
		n.least.Milliseconds(), n.latency(), n.longest.Milliseconds(), n.received, n.sent,
		s.Connections(), n.outstanding, s.Tree().LastProcessed(), h.mode(s), s.Tree().NumNodes())
}

func mntr(h *Host, s *server.Server, name string) string {
	if !s.Serving() {
		return notServing
	}
	n := h.numbers(name)
	var b strings.Builder
	row := func(key string, value any) { fmt.Fprintf(&b, "zk_%s\t%v\n", key, value) }
	row("version", version)
	row("server_state", h.mode(s))
	row("min_latency", n.least.Milliseconds())
	row("avg_latency", fmt.Sprintf("%.1f", n.latency()))
	row("max_latency", n.longest.Milliseconds())
	row("packets_received", n.received)
	row("packets_sent", n.sent)
	row("outstanding_requests", n.outstanding)
	row("num_alive_connections", s.Connections())
	row("znode_count", s.Tree().NumNodes())
	row("global_sessions", s.Tree().NumSessions())
	row("peer_state", s.Peer().State())
	if s.Leads() {
		followers := 0
		e := h.world.Ensemble
		for _, m := range e.Servers() {
			if o := e.Server(m.ID); o != nil && o != s && o.Serving() &&
				o.Peer().Leader() == s.Peer().ID() {
				followers++
			}
		}
		row("synced_followers", followers)
	}
	return b.String()
}

func conf(h *Host, s *server.Server, _ string) string {
	c := &h.world.Ensemble.Config().Stage
	return fmt.Sprintf("serverId=%d\ntickTime=%d\ninitLimit=%d\nsyncLimit=%d\n", s.Peer().ID(),
		c.Tick/1000, c.InitLimit, c.SyncLimit)
}
