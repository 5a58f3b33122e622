package client

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Library is the ZooKeeper client library that a [Client] imitates. This table shows where the
// libraries differ:
//
//	                               Go    Java   Curator   kazoo
//	fails queued operations        no    (1)    (1)       (2)
//	keeps watches (3)              yes   yes    yes       no
//	opens a new session after      yes   no     yes       yes
//	  the old one has expired
//	ends a session by its own      no    no     yes       no
//	  clock (4)
//	repeats a call whose           no    no     yes       no
//	  connection was lost (5)
//
// These are the notes on the table above, which compares client libraries. (1) A queued operation
// fails with ConnectionLoss when the connection breaks, and when an attempt to connect fails. (2) A
// queued operation fails only when the connection breaks. (3) After a reconnection the library sets
// the watches again, by SetWatches. (4) The library ends the session when the connection has been
// lost for the session timeout. (5) Curator itself repeats the call. A [Client] does not, so its
// caller must: see [Library.Repeats].
//
// Sources: go-zookeeper/zk 1.0.4, conn.go: loop, sendSetWatches, invalidateWatches, queueRequest.
// Apache ZooKeeper 3.9, ClientCnxn: SendThread.cleanup, primeConnection, onConnected. Apache Curator
// 5.9, RetryLoop, ConnectionState.checkState, ConnectionStateManager.checkSessionExpiration
// (sessionExpirationPercent is 100). kazoo 2.10, client.py: _session_callback, _notify_pending,
// _reset_watchers.
type Library uint8

// These are the client libraries. Plain is no real library: it stands for the behaviour that the
// documentation of this package describes.
const (
	Plain Library = iota
	Go
	Java
	Curator
	Kazoo
)

// breakage says when a library fails operations that are queued and not sent.
type breakage uint8

const (
	keepsQueue   breakage = iota
	atDisconnect          // when an established connection breaks
	atAttempt             // and when an attempt to connect fails
)

// libraries has one entry for each library.
var libraries = [...]struct {
	name           string
	fails          breakage
	forgetsWatches bool
	renews         bool
	ownClock       bool
	repeats        bool
	words          [3]string // for Connected, Disconnected and Expired
}{
	Plain: {name: "plain", words: [3]string{"CONNECTED", "DISCONNECTED", "EXPIRED"}},
	Go: {name: "go", renews: true,
		words: [3]string{"StateHasSession", "StateDisconnected", "StateExpired"}},
	Java: {name: "java", fails: atAttempt,
		words: [3]string{"SyncConnected", "Disconnected", "Expired"}},
	Curator: {name: "curator", fails: atAttempt, renews: true, ownClock: true, repeats: true,
		words: [3]string{"RECONNECTED", "SUSPENDED", "LOST"}},
	Kazoo: {name: "kazoo", fails: atDisconnect, forgetsWatches: true, renews: true,
		words: [3]string{"CONNECTED", "SUSPENDED", "LOST"}},
}

// ParseLibrary returns the library with the given name, such as "curator": one of the names that
// [Library.String] returns.
func ParseLibrary(name string) (Library, error) {
	for i := range libraries {
		if libraries[i].name == name {
			return Library(i), nil
		}
	}
	return Plain, fmt.Errorf("unknown client library: write curator, kazoo, go, java or plain")
}

// String returns the library's name, which [ParseLibrary] reads.
func (l Library) String() string { return libraries[l].name }

// Repeats reports whether the real library itself repeats an operation whose answer was lost with
// the connection. A [Client] never sends an operation twice: to imitate such a library, the program
// that uses the Client must start the operation again.
func (l Library) Repeats() bool { return libraries[l].repeats }

// Forgets reports whether the library forgets all watches when the connection breaks.
func (l Library) Forgets() bool { return libraries[l].forgetsWatches }

// Drops reports whether, when a connection breaks, the library also fails the operations that are
// queued and not sent yet.
func (l Library) Drops() bool { return libraries[l].fails != keepsQueue }

// Renews reports whether the library opens a new session when the old one has expired.
func (l Library) Renews() bool { return libraries[l].renews }

// Word returns the library's own name for a state of a session, such as SUSPENDED for Disconnected
// in Curator. For a state other than Connected, Disconnected and Expired, Word returns the name
// from [State.String].
func (l Library) Word(s State) string {
	switch s {
	case Connected:
		return libraries[l].words[0]
	case Disconnected:
		return libraries[l].words[1]
	case Expired:
		return libraries[l].words[2]
	}
	return s.String()
}

// broken does what the library does when a connection breaks, or, if wasUp is false, when an
// attempt to connect fails.
func (c *Client) broken(wasUp bool) {
	l := &libraries[c.config.Library]
	if l.forgetsWatches && wasUp {
		c.watches.endAll()
	}
	if l.fails == atAttempt || l.fails == atDisconnect && wasUp {
		queue := c.queue
		c.queue = nil
		for _, call := range queue {
			c.finish(call, NotSent, tree.ConnectionLoss)
		}
	}
	if wasUp && l.ownClock {
		c.lostAt = c.now + c.timeout
	}
}

// ownExpiry returns when the library ends the session by its own clock; sim.Never if it does not.
func (c *Client) ownExpiry() sim.Time {
	if !libraries[c.config.Library].ownClock || c.state != Disconnected {
		return sim.Never
	}
	return c.lostAt
}
