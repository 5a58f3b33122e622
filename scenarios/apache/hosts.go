package apache

import "github.com/go-zookeeper/zk"

// hosts are the addresses of the relays, beginning with the client's home.
func (l *life) hosts() zk.HostProvider {
	h := &hosts{}
	for i := range l.relays {
		h.list = append(h.list, l.relays[(l.c.home-1+i)%len(l.relays)].Address())
	}
	return h
}

// hosts gives the library addresses in turn. After a round in which every address failed, it makes
// the library rest for a second.
type hosts struct {
	list  []string
	next  int
	tried int // addresses since the last connection
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
