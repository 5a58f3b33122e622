package live

import (
	"cmp"
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

// command answers a four-letter word of ZooKeeper to a server, in ZooKeeper's format
// (org.apache.zookeeper.server.command).
type command func(h *Host, s *server.Server, name string) string

// serving are the words that only a server in a quorum answers; any other says notServing.
var serving = map[string]command{
	"srvr": srvr,
	"stat": stat,
	"mntr": mntr,
	"envi": envi,
	"cons": cons,
	"dump": dump,
	"wchs": wchs,
	"wchc": wchc,
	"wchp": wchp,
}

// words has the four-letter words that every server answers.
var words = map[string]command{
	"ruok": func(*Host, *server.Server, string) string { return "imok" },
	"isro": func(_ *Host, s *server.Server, _ string) string {
		if !s.Serving() {
			return "null"
		}
		return "rw"
	},
	"conf": conf,
	"srst": func(h *Host, _ *server.Server, name string) string {
		h.mu.Lock()
		defer h.mu.Unlock()
		if t := h.traffic[name]; t != nil {
			*t = traffic{}
		}
		return "Server stats reset.\n"
	},
}

// answer answers a four-letter word to a server. known is false for any other text. A server that
// is down says nothing.
func (h *Host) answer(name, word string) (text string, known bool) {
	f, serves := serving[word]
	if !serves {
		f = words[word]
	}
	switch {
	case f == nil:
		return "", false
	case h.config.Words != nil && !slices.Contains(h.config.Words, word):
		return word + " is not executed because it is not in the whitelist.\n", true
	}
	_ = h.Do(func(w *gateway.World) {
		e := w.Ensemble
		if s := e.Server(e.World.Find(name).ID); s != nil {
			if text = notServing; s.Serving() || !serves {
				text = f(h, s, name)
			}
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

// envi has what a client can learn of the server's environment: its version.
func envi(_ *Host, s *server.Server, name string) string {
	return "Environment:\nzookeeper.version=" + version + "\nhost.name=" + name + "\n"
}

func cons(h *Host, s *server.Server, name string) string {
	n := h.numbers(name)
	return strings.Join(append(n.clients, "", ""), "\n")
}

// dump lists the sessions and their ephemeral nodes. As in ZooKeeper only the leader knows when a
// session expires.
func dump(_ *Host, s *server.Server, _ string) string {
	sessions := s.AppendSessions(nil)
	var expire, own strings.Builder
	owners := 0
	for _, i := range sessions {
		if s.Leads() {
			fmt.Fprintf(&expire, "0x%x\t%dms\n", i.ID, i.TimeoutMs)
		}
		paths := s.Tree().AppendEphemerals(nil, i.ID)
		if len(paths) == 0 {
			continue
		}
		owners++
		fmt.Fprintf(&own, "0x%x:\n", i.ID)
		for _, path := range paths {
			fmt.Fprintf(&own, "\t%s\n", path)
		}
	}
	return fmt.Sprintf("SessionTracker dump:\nSessions (%d):\n%sephemeral nodes dump:\n"+
		"Sessions with Ephemerals (%d):\n%s", len(sessions), &expire, owners, &own)
}

func wchs(_ *Host, s *server.Server, _ string) string {
	paths, sessions := map[string]bool{}, map[int64]bool{}
	list := s.AppendWatches(nil)
	for _, w := range list {
		paths[w.Path], sessions[w.Session] = true, true
	}
	return fmt.Sprintf("%d connections watching %d paths\nTotal watches:%d\n", len(sessions),
		len(paths), len(list))
}

// wchc lists the watches by session, wchp by path.
func wchc(_ *Host, s *server.Server, _ string) string {
	list := s.AppendWatches(nil)
	slices.SortStableFunc(list, func(a, b server.SessionWatch) int {
		return cmp.Compare(a.Session, b.Session)
	})
	return grouped(list, func(w *server.SessionWatch) (string, string) {
		return fmt.Sprintf("0x%x", w.Session), w.Path
	})
}

func wchp(_ *Host, s *server.Server, _ string) string {
	return grouped(s.AppendWatches(nil), func(w *server.SessionWatch) (string, string) {
		return w.Path, fmt.Sprintf("0x%x", w.Session)
	})
}

// grouped lists watches under headings; a watch that is in both tables is listed once.
func grouped(
	list []server.SessionWatch, split func(*server.SessionWatch) (head, row string),
) string {
	var b strings.Builder
	last := ""
	for i := range list {
		if i > 0 && list[i] == list[i-1] {
			continue
		}
		head, row := split(&list[i])
		if head != last {
			b.WriteString(head + "\n")
			last = head
		}
		b.WriteString("\t" + row + "\n")
	}
	return b.String()
}
