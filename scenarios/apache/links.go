package apache

import (
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/zablab/zablab/scenarios/loopback"
)

// pair is two servers: the server from dials the server to.
type pair struct{ from, to int }

// connect makes the relays between all servers: for each ordered pair one relay for the quorum port
// and one for the election port.
func (e *Ensemble) connect() error {
	elect := make(map[pair]string)
	for _, a := range e.servers {
		for _, b := range e.servers {
			if a == b {
				continue
			}
			r, err := loopback.Listen(loopback.Address(b.elect))
			if err != nil {
				return err
			}
			q, err := loopback.Listen(loopback.Address(b.quorum))
			if err != nil {
				r.Close()
				return err
			}
			q.Lives = b.Up
			q.Watch, r.Watch = e.watch(a.id, b.id, quorumPackets), e.watch(a.id, b.id, votes)
			if h := e.config.Hold; h != nil {
				q.Gate = func() [2]loopback.Gate { return h.gates(a.id, b.id) }
			}
			q.Start()
			elect[pair{a.id, b.id}] = r.Address()
			e.mesh = append(e.mesh, loopback.Link{
				From: a.id, To: b.id, Relays: []*loopback.Relay{q, r},
			})
		}
	}
	for _, l := range e.mesh {
		r := l.Relays[1]
		r.Greeting = electionGreeting(elect[pair{l.To, l.From}])
		r.Start()
	}
	return nil
}

// watch returns a function that reports to config.Seen the messages on connections from one server
// to another; nil if there is no Seen.
func (e *Ensemble) watch(from, to int, splitter func() splitter) loopback.Watch {
	if e.config.Seen == nil {
		return nil
	}
	return func(d loopback.Direction) func([]byte) func() {
		a, b, messages := from, to, splitter()
		if d == loopback.Back {
			a, b = to, from
		}
		return func(chunk []byte) func() {
			var all []func()
			for _, m := range messages(chunk) {
				all = append(all, e.config.Seen(a, b, m))
			}
			if len(all) == 0 {
				return nil
			}
			return func() {
				for _, arrives := range all {
					arrives()
				}
			}
		}
	}
}

// Cut stops all bytes from one server to another, until Mend.
func (e *Ensemble) Cut(from, to int) { e.mesh.Cut(from, to) }

// Mend ends a Cut, and forwards the bytes that have waited.
func (e *Ensemble) Mend(from, to int) { e.mesh.Mend(from, to) }

// Heal mends every cut.
func (e *Ensemble) Heal() { e.mesh.Heal() }

// Reset breaks all connections between two servers.
func (e *Ensemble) Reset(a, b int) { e.mesh.Reset(a, b) }

// electionGreeting returns a function that reads the greeting of a server that connects for an
// election (protocol version, server ID, address: QuorumCnxManager.InitialMessage). The function
// returns the greeting with callBack as its address, which the other side dials back.
func electionGreeting(callBack string) func(net.Conn) ([]byte, error) {
	const longestAddress = 512
	return func(c net.Conn) ([]byte, error) {
		var head [20]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(head[16:])
		if n > longestAddress {
			return nil, errors.New("election port: the first bytes are not the greeting of a " +
				"ZooKeeper server: only servers may connect to this port")
		}
		if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
			return nil, err
		}
		out := append([]byte{}, head[:16]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(callBack)))
		return append(out, callBack...), nil
	}
}
