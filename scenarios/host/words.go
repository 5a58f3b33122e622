package host

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// words has the four-letter words that are answered.
var words = map[string]func(*Server, *server.Server) string{
	"ruok": func(*Server, *server.Server) string { return "imok" },
	"isro": func(_ *Server, c *server.Server) string {
		if !c.Serving() {
			return "null"
		}
		return "rw"
	},
	"srvr": srvr,
	"mntr": mntr,
}

// answer answers a four-letter word. known is false for any other text.
func (s *Server) answer(word string) (text string, known bool) {
	f := words[word]
	switch {
	case f == nil:
		return "", false
	case s.config.Words != nil && !slices.Contains(s.config.Words, word):
		return word + " is not executed because it is not in the whitelist.\n", true
	}
	_ = s.Do(func(c *server.Server) { text = f(s, c) })
	return text, true
}

// notServing is what ZooKeeper answers while a server is not part of a quorum.
const notServing = "This ZooKeeper instance is not currently serving requests\n"

// version is what a server calls itself, in the form that monitoring tools read.
const version = "3.8.0-zablab, built on 01/01/2023 00:00 GMT"

func (s *Server) mode(c *server.Server) string {
	switch {
	case len(s.config.Peers) == 1:
		return "standalone"
	case c.Leads():
		return "leader"
	case c.Peer().State() == zab.Observing:
		return "observer"
	}
	return "follower"
}

func srvr(s *Server, c *server.Server) string {
	if !c.Serving() {
		return notServing
	}
	return fmt.Sprintf("Zookeeper version: %s\nReceived: %d\nSent: %d\nConnections: %d\n"+
		"Zxid: %#x\nMode: %s\nNode count: %d\n", version, s.traffic.received, s.traffic.sent,
		c.Connections(), c.Tree().LastProcessed(), s.mode(c), c.Tree().NumNodes())
}

func mntr(s *Server, c *server.Server) string {
	if !c.Serving() {
		return notServing
	}
	return fmt.Sprintf("zk_version\t%s\nzk_server_state\t%s\nzk_packets_received\t%d\n"+
		"zk_packets_sent\t%d\nzk_num_alive_connections\t%d\nzk_znode_count\t%d\n"+
		"zk_global_sessions\t%d\nzk_cnt_fsynctime\t%d\n", version, s.mode(c), s.traffic.received,
		s.traffic.sent, c.Connections(), c.Tree().NumNodes(), c.Tree().NumSessions(), s.Fsyncs())
}
