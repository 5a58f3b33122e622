package apache

import "github.com/go-zookeeper/zk"

// hosts returns the relays' addresses, starting with the relay to the client's first server.
func (l *life) hosts() zk.HostProvider {
	h := &hosts{}
	for i := range l.relays {
		h.list = append(h.list, l.relays[(l.c.home-1+i)%len(l.relays)].Address())
	}
	return h
}

// hosts gives the client library one address after the other. When every address has failed once,
// it makes the library rest for a second.
type hosts struct {
	list  []string
	next  int
	tried int // addresses given since the last connection
}

func (h *hosts) Init([]string) error { return nil }
func (h *hosts) Len() int            { return len(h.list) }
func (h *hosts) Connected()          { h.tried = 0 }

func (h *hosts) Next() (server string, retryStart bool) {
	n := len(h.list)
	server, retryStart = h.list[h.next%n], h.tried > 0 && h.tried%n == 0
	h.next++
	h.tried++
	return server, retryStart
}
