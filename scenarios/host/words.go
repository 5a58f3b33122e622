package host

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/words"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// answer answers a four-letter word. known is false for any other text.
func (s *Server) answer(word string) (text string, known bool) {
	return words.Answer(word, s.config.Words, func(f func(*words.Server)) {
		_ = s.Do(func(c *server.Server) { f(s.facts(c)) })
	})
}

// facts are what the words say of this server. A leader does not know which of its followers serve.
func (s *Server) facts(c *server.Server) *words.Server {
	f := &words.Server{
		Server: c, Name: fmt.Sprintf("S%d", s.config.ID), Standalone: len(s.config.Peers) == 1,
		Traffic: s.traffic, TickMs: int64(cmp.Or(s.config.Tick, 2*sim.Second) / 1000),
		InitLimit: cmp.Or(s.config.InitLimit, 10), SyncLimit: cmp.Or(s.config.SyncLimit, 5),
		Synced: -1,
		More:   []words.Row{{Key: "cnt_fsynctime", Value: s.Fsyncs()}},
		Reset:  func() { s.traffic = words.Traffic{} },
	}
	for _, l := range s.links {
		if l.port != zab.PortClient || l.conn == nil {
			continue
		}
		f.Outstanding += len(l.credit)
		f.Clients = append(f.Clients, fmt.Sprintf(" /%v[1](queued=%d)", l.conn.RemoteAddr(),
			len(l.credit)))
	}
	slices.Sort(f.Clients)
	return f
}
