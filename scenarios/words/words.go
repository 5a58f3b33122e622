package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// notServing is what ZooKeeper answers while a server is not part of a quorum.
const notServing = "This ZooKeeper instance is not currently serving requests\n"

// version is what a server calls itself, in the form that monitoring tools read.
const version = "3.8.0-zablab, built on 01/01/2023 00:00 GMT"

// Server is one server, with what its owner knows about it and its clients.
type Server struct {
	*server.Server
	Name       string
	Standalone bool // it is alone
	Traffic    Traffic
	// Outstanding is how many requests are not answered.
	Outstanding int
	Clients     []string // for each connection: /127.0.0.1:4711[1](queued=0,client=C1)
	TickMs      int64
	InitLimit   int
	SyncLimit   int
	Synced      int    // followers, of a leader; -1 if unknown
	More        []Row  // further rows of mntr
	Reset       func() // sets the traffic to 0
}

// Row is a row of mntr, without the prefix zk_.
type Row struct {
	Key   string
	Value any
}

// Traffic counts what a server and its clients have said to each other.
type Traffic struct {
	Received, Sent int64
	Answered       int64 // requests whose time was measured
	Least, Longest time.Duration
	Total          time.Duration // of the answers, from request to reply
	Timed          bool          // the owner measures times
}

// Answer notes how long a request has waited for its reply.
func (t *Traffic) Answer(d time.Duration) {
	if t.Answered == 0 || d < t.Least {
		t.Least = d
	}
	t.Longest = max(t.Longest, d)
	t.Total += d
	t.Answered++
}

// average is the average time of an answer, in ms.
func (t *Traffic) average() float64 { return t.Total.Seconds() * 1000 / float64(max(t.Answered, 1)) }

// serving are the words that only a server in a quorum answers; any other says notServing.
var serving = map[string]func(*Server) string{
	"srvr": func(s *Server) string { return summary(s, false) },
	"stat": func(s *Server) string { return summary(s, true) },
	"mntr": mntr,
	"envi": envi,
	"cons": cons,
	"dump": dump,
	"wchs": wchs,
	"wchc": wchc,
	"wchp": wchp,
}

// always has the words that every server answers.
var always = map[string]func(*Server) string{
	"ruok": func(*Server) string { return "imok" },
	"isro": func(s *Server) string {
		if !s.Serving() {
			return "null"
		}
		return "rw"
	},
	"conf": conf,
	"srst": func(s *Server) string {
		s.Reset()
		return "Server stats reset.\n"
	},
}

// Answer answers a four-letter word. known is false for any other text. If allowed is not nil, only
// the words in it are answered. ask calls its argument with the server, at a moment at which it may be
// read, or not at all if the server is down.
func Answer(word string, allowed []string, ask func(func(*Server))) (text string, known bool) {
	f, serves := serving[word]
	if !serves {
		f = always[word]
	}
	switch {
	case f == nil:
		return "", false
	case allowed != nil && !slices.Contains(allowed, word):
		return word + " is not executed because it is not in the whitelist.\n", true
	}
	ask(func(s *Server) {
		if text = notServing; s.Serving() || !serves {
			text = f(s)
		}
	})
	return text, true
}

func (s *Server) mode() string {
	switch {
	case s.Standalone:
		return "standalone"
	case s.Leads():
		return "leader"
	case s.Peer().State() == zab.Observing:
		return "observer"
	}
	return "follower"
}

func summary(s *Server, clients bool) string {
	text := "Zookeeper version: " + version + "\n"
	if clients {
		text += "Clients:\n" + strings.Join(append(slices.Clone(s.Clients), "", ""), "\n")
	}
	t := &s.Traffic
	if t.Timed {
		text += fmt.Sprintf("Latency min/avg/max: %d/%.1f/%d\n", t.Least.Milliseconds(), t.average(),
			t.Longest.Milliseconds())
	}
	return text + fmt.Sprintf("Received: %d\nSent: %d\nConnections: %d\nOutstanding: %d\n"+
		"Zxid: %#x\nMode: %s\nNode count: %d\n", t.Received, t.Sent, s.Connections(),
		s.Outstanding, s.Tree().LastProcessed(), s.mode(), s.Tree().NumNodes())
}

func mntr(s *Server) string {
	var b strings.Builder
	row := func(key string, value any) { fmt.Fprintf(&b, "zk_%s\t%v\n", key, value) }
	row("version", version)
	row("server_state", s.mode())
	if t := &s.Traffic; t.Timed {
		row("min_latency", t.Least.Milliseconds())
		row("avg_latency", fmt.Sprintf("%.1f", t.average()))
		row("max_latency", t.Longest.Milliseconds())
	}
	row("packets_received", s.Traffic.Received)
	row("packets_sent", s.Traffic.Sent)
	row("outstanding_requests", s.Outstanding)
	row("num_alive_connections", s.Connections())
	row("znode_count", s.Tree().NumNodes())
	row("global_sessions", s.Tree().NumSessions())
	row("peer_state", s.Peer().State())
	if s.Leads() && s.Synced >= 0 {
		row("synced_followers", s.Synced)
	}
	for _, r := range s.More {
		row(r.Key, r.Value)
	}
	return b.String()
}

func conf(s *Server) string {
	return fmt.Sprintf("serverId=%d\ntickTime=%d\ninitLimit=%d\nsyncLimit=%d\n", s.Peer().ID(),
		s.TickMs, s.InitLimit, s.SyncLimit)
}

// envi has what a client can learn of the server's environment: its version.
func envi(s *Server) string {
	return "Environment:\nzookeeper.version=" + version + "\nhost.name=" + s.Name + "\n"
}

func cons(s *Server) string { return strings.Join(append(slices.Clone(s.Clients), "", ""), "\n") }

// dump lists the sessions and their ephemeral nodes. As in ZooKeeper only the leader knows when a
// session expires.
func dump(s *Server) string {
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

func wchs(s *Server) string {
	paths, sessions := map[string]bool{}, map[int64]bool{}
	list := s.AppendWatches(nil)
	for _, w := range list {
		paths[w.Path], sessions[w.Session] = true, true
	}
	return fmt.Sprintf("%d connections watching %d paths\nTotal watches:%d\n", len(sessions),
		len(paths), len(list))
}

// wchc lists the watches by session, wchp by path.
func wchc(s *Server) string {
	list := s.AppendWatches(nil)
	slices.SortStableFunc(list, func(a, b server.SessionWatch) int {
		return cmp.Compare(a.Session, b.Session)
	})
	return grouped(list, func(w *server.SessionWatch) (string, string) {
		return fmt.Sprintf("0x%x", w.Session), w.Path
	})
}

func wchp(s *Server) string {
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
