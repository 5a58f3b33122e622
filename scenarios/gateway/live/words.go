package live

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/words"
	"github.com/zablab/zablab/tree/server"
)

// answer answers a four-letter word to a server. known is false for any other text. A server that
// is down says nothing.
func (h *Host) answer(name, word string) (text string, known bool) {
	return words.Answer(word, h.config.Words, func(f func(*words.Server)) {
		_ = h.Do(func(w *gateway.World) {
			e := w.Ensemble
			if s := e.Server(e.World.Find(name).ID); s != nil {
				f(h.facts(s, name))
			}
		})
	})
}

// facts are what the words say of a server.
func (h *Host) facts(s *server.Server, name string) *words.Server {
	c := &h.world.Ensemble.Config().Stage
	f := &words.Server{
		Server: s, Name: name, Standalone: c.Servers == 1, TickMs: int64(c.Tick / 1000),
		InitLimit: c.InitLimit, SyncLimit: c.SyncLimit, Synced: h.synced(s),
		Reset: func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if t := h.traffic[name]; t != nil {
				*t = words.Traffic{}
			}
		},
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.traffic[name]; t != nil {
		f.Traffic = *t
	}
	f.Traffic.Timed = true
	for a, l := range h.links {
		if l.server == name {
			f.Outstanding += len(l.credit)
			f.Clients = append(f.Clients, fmt.Sprintf(" /%v[1](queued=%d,client=%s)",
				l.conn.RemoteAddr(), len(l.credit), a.client))
		}
	}
	slices.Sort(f.Clients)
	return f
}

// synced counts the followers of a server that serve.
func (h *Host) synced(s *server.Server) (n int) {
	e := h.world.Ensemble
	for _, m := range e.Servers() {
		if o := e.Server(m.ID); o != nil && o != s && o.Serving() &&
			o.Peer().Leader() == s.Peer().ID() {
			n++
		}
	}
	return n
}
