package apache

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/zab"
)

// Hold keeps the messages between leaders and learners at the relays of an ensemble, until each is
// released. Messages on one connection keep their order. PINGs, the data of a snapshot and
// messages that the lab does not model go on when nothing waits before them.
type Hold struct {
	mu    sync.Mutex
	lanes []*lane // in the order in which they were opened
}

// lane is one direction of a connection.
type lane struct {
	hold     *Hold
	from, to int
	queue    []*waitingMessage
	cut      func([]byte) []piece
	other    *lane // the opposite direction
	ended    bool  // the sender has closed it
	gone     bool  // the connection has ended
}

type waitingMessage struct {
	text string // empty for one that goes on by itself
	may  bool
	lost bool
}

// EndOfConnection is the text of the end of a connection in [Transit].
const EndOfConnection = "end of the connection"

// Transit is what waits in one direction of a connection: the texts of its messages, such as
// NEWLEADER 1/0, and at the end perhaps [EndOfConnection].
type Transit struct {
	From, To int
	Texts    []string
}

// gates returns the gates for a connection from one server to another.
func (h *Hold) gates(from, to int) [2]loopback.Gate {
	forth := &lane{hold: h, from: from, to: to, cut: pieces(quorumReader())}
	back := &lane{hold: h, from: to, to: from, cut: pieces(quorumReader()), other: forth}
	forth.other = back
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lanes = append(h.lanes, forth, back)
	return [2]loopback.Gate{loopback.Forth: forth, loopback.Back: back}
}

// Read takes the next bytes of the lane.
func (l *lane) Read(chunk []byte) (list []loopback.Held) {
	l.hold.mu.Lock()
	defer l.hold.mu.Unlock()
	if chunk == nil {
		l.ended = true
		return append(list, l.wait(EndOfConnection, nil))
	}
	for _, p := range l.cut(chunk) {
		list = append(list, l.wait(l.name(p.message), p.bytes))
	}
	return list
}

// name is the text of a message; empty for one that goes on by itself.
func (l *lane) name(m zab.Message) string {
	switch m := m.(type) {
	case nil, *zab.Ping:
		return ""
	case *zab.UpToDate:
		return m.Name() // ZooKeeper's has no zxid
	}
	return fmt.Sprintf("%s %v", m.Name(), m.At())
}

func (l *lane) wait(text string, b []byte) loopback.Held {
	m := &waitingMessage{text: text}
	l.queue = append(l.queue, m)
	return func() ([]byte, bool) {
		switch {
		case !l.may(m):
			return nil, false
		case m.lost:
			return nil, true
		}
		return b, true
	}
}

// may reports whether a message may go on, and then takes it from the lane.
func (l *lane) may(m *waitingMessage) bool {
	l.hold.mu.Lock()
	defer l.hold.mu.Unlock()
	// After the receiver has closed its side, a PING would break the connection, and what the
	// receiver has sent before would be lost.
	if l.queue[0] != m || !m.may && (m.text != "" || l.other.ended) {
		return false
	}
	l.queue = l.queue[1:]
	return true
}

// Gone marks the lane as one whose connection has ended.
func (l *lane) Gone() {
	l.hold.mu.Lock()
	defer l.hold.mu.Unlock()
	l.gone = true
}

// texts returns the texts of what waits, without what goes on by itself.
func (l *lane) texts() (list []string) {
	for _, m := range l.queue {
		if m.text != "" && !m.may {
			list = append(list, m.text)
		}
	}
	return list
}

// arrives reports whether what waits can still arrive.
func (l *lane) arrives() bool { return !l.gone && !l.other.ended }

// Transit returns everything that waits and can still arrive, by connection, the oldest connection
// first.
func (h *Hold) Transit() (list []Transit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lanes {
		if t := l.texts(); l.arrives() && len(t) > 0 {
			list = append(list, Transit{l.from, l.to, t})
		}
	}
	return list
}

// Release lets the oldest message of a connection go on, if it has this text. It reports whether
// there is such a connection. If the text is [EndOfConnection], messages that the sender has sent
// before are lost, as some are when the sender's process dies; Release returns them.
func (h *Hold) Release(from, to int, text string) (lost []string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range slices.Backward(h.lanes) {
		t := l.texts()
		if !l.arrives() || l.from != from || l.to != to || len(t) == 0 {
			continue
		}
		at := 0
		if text == EndOfConnection {
			at = len(t) - 1
		}
		if t[at] != text {
			continue
		}
		for _, m := range l.queue {
			if m.text == "" || m.may {
				continue
			}
			m.may, m.lost = true, m.text != text
			if !m.lost {
				return t[:at], true
			}
		}
	}
	return nil, false
}

// Elect lets the votes of the servers with these numbers through, to each other and to nobody
// else, until the next call. Connections for votes begin anew: votes that were sent before are
// lost.
func (e *Ensemble) Elect(among ...int) {
	for _, l := range e.mesh {
		r := l.Relays[1]
		open := slices.Contains(among, l.From) && slices.Contains(among, l.To)
		for _, d := range []loopback.Direction{loopback.Forth, loopback.Back} {
			r.Shut(d, !open)
		}
		r.Reset()
	}
}

// Stored is what a server has on its disk.
type Stored struct {
	Accepted, Current uint32
	Logged            zab.Zxid // of the last transaction in its logs and snapshots
}

// Stored reads the disk of a server.
func (e *Ensemble) Stored(id int) Stored {
	dir := dataOf(e.servers[id-1].dir)
	s := Stored{Accepted: epochIn(dir, "acceptedEpoch"), Current: epochIn(dir, "currentEpoch")}
	names, _ := filepath.Glob(filepath.Join(dir, "log.*"))
	for _, path := range names {
		s.Logged = max(s.Logged, lastIn(path))
	}
	names, _ = filepath.Glob(filepath.Join(dir, "snapshot.*"))
	for _, path := range names { // each is named after its zxid, in hexadecimal
		zxid, err := strconv.ParseUint(strings.TrimPrefix(filepath.Ext(path), "."), 16, 64)
		if err == nil {
			s.Logged = max(s.Logged, zab.Zxid(zxid))
		}
	}
	return s
}

// Ended returns the last line that a server's process wrote before it ended by itself. ok is false
// while the process runs, and after a Kill.
func (e *Ensemble) Ended(id int) (last string, ok bool) { return e.servers[id-1].Exited() }
