package script

import "strings"

// connectionStates are the names that client libraries give to the states of a client's connection:
// Curator's and kazoo's (SUSPENDED, LOST, RECONNECTED), Java's (Disconnected, Expired,
// SyncConnected), the Go client's (StateDisconnected, StateExpired, StateHasSession).
var connectionStates = newLexicon([]phrase[OccurrenceKind]{
	{"suspended", LearnsLoss}, {"connection suspended", LearnsLoss}, {"disconnected", LearnsLoss},
	{"syncdisconnected", LearnsLoss}, {"statedisconnected", LearnsLoss},
	{"connection_suspended", LearnsLoss}, {"state:disconnected", LearnsLoss},
	{"none", LearnsLoss}, {"type:none", LearnsLoss}, // kazoo's event for each watch
	{"lost", LearnsExpiry}, {"session lost", LearnsExpiry}, {"expired", LearnsExpiry},
	{"session expired", LearnsExpiry}, {"stateexpired", LearnsExpiry},
	{"sessionexpired", LearnsExpiry}, {"expired_session", LearnsExpiry},
	{"session_lost", LearnsExpiry}, {"state:expired", LearnsExpiry},
	{"reconnected", LearnsConnection}, {"syncconnected", LearnsConnection},
	{"statehassession", LearnsConnection}, {"connection_reconnected", LearnsConnection},
	{"state:syncconnected", LearnsConnection},
})

// stateFillers are words that may be around the name of a state, as in "receives LOST".
var stateFillers = map[string]bool{
	"state": true, "connection": true, "event": true, "connectionstate": true, "status": true,
	"the": true, "is": true, "now": true, "receives": true, "gets": true, "sees": true,
	"stays": true, "still": true, "changed": true, "changes": true, "to": true, "notification": true,
	"learns": true, "statechanged": true, "session": true, "=": true, "->": true, "→": true,
	"type": true, "watcher": true, "watch": true, "notify": true, "zk": true, "keeperstate": true,
	"watchedevent": true, "path": true, "null": true, "path:null": true,
}

// connectionState returns the state of a connection that a text names, or 0. Up to a comma or a
// similar mark, the text must have no other words but fillers.
func connectionState(words []word) (what OccurrenceKind, ok bool) {
	for i := 0; i < len(words); {
		if n, state := connectionStates.at(words[i:]); n > 0 &&
			(words[i].is != "lost" || strings.Contains(words[i].raw, "LOST")) {
			if what != 0 && what != state {
				return 0, false
			}
			what = state
			i += n
			continue
		}
		if i > 0 && words[i].fresh && what != 0 { // SUSPENDED: stop leading
			break
		}
		if !stateFillers[words[i].is] {
			return 0, false
		}
		i++
	}
	return what, what != 0
}

// learns reads an arrow by which a client learns the state of its connection. If the text may also
// be the answer to a call, as "session expired" may, the run decides.
func (c *compiler) learns(a *Act, l line) bool {
	what, ok := connectionState(l.words)
	if !ok || c.cast.Roles[a.To].Kind != RoleClient {
		return false
	}
	h := Occurrence{What: what, Client: a.To}
	if r, isReply, err := parseReply(l.text, l.words); isReply && err == nil &&
		c.cast.Roles[a.From].Kind != RoleLibrary {
		a.Kind, a.Reply, a.Happening = Reply, r, h
		return true
	}
	a.Kind, a.Happening = Happening, h
	return true
}

// learnt reads a note over a client that names the state of its connection, as an event that the
// client learns. It returns false if no fault above has cut the client off.
func (c *compiler) learnt(a *Act, over []string, l line) bool {
	if len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient || !c.silent[over[0]] {
		return false
	}
	words := l.words
	if name, n := c.cast.named(words); n > 0 && name == over[0] {
		words = words[n:]
	}
	what, ok := connectionState(words)
	if _, fault := c.faultAt(l.words); fault && !c.cut[over[0]] {
		return false // disconnected: the note says what happens to the client
	}
	if _, ended := happeningIn(l.words, ensembleHappenings, false); ended != 0 {
		return false // session expired
	}
	if ok {
		a.Kind, a.Happening = Happening, Occurrence{What: what, Client: over[0]}
	}
	return ok
}

// reconnectWords are phrases for a client that connects again.
var reconnectWords = lexiconOf([]string{"reconnects", "reconnect", "connects again",
	"connection restored", "connection is restored", "connection is back", "connection recovers",
	"re-connects", "regains connection", "regains its connection", "is reconnected"})

// anewWords are phrases by which a note says that a client opens another session.
var anewWords = lexiconOf([]string{"connects with a new session", "connects with new session",
	"connects with a fresh session", "connects with another session", "opens a new session",
	"opens another session", "opens a fresh session", "opens new session", "gets a new session",
	"gets a fresh session", "gets another session", "gets new session", "creates a new session",
	"creates a fresh session", "creates new session", "starts a new session", "starts new session",
	"starts a fresh session", "establishes a new session", "establishes new session",
	"establishes a fresh session", "new session established", "new session is established",
	"new session created", "connect with a new session", "open a new session",
	"create a new session", "creates another session"})

// reconnects reads a note over a client that says that the client connects again.
func (c *compiler) reconnects(a *Act, over []string, l line) bool {
	if len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient || hypothetical(l.words) ||
		!c.cast.service() {
		return false
	}
	at, _, _ := find(l.words, reconnectWords)
	if anew, _, _ := find(l.words, anewWords); anew >= 0 && (at < 0 || anew < at) && !c.script.strict {
		at = anew
	}
	if at < 0 || at > 3 || denied(l.words, at) {
		return false
	}
	for i, w := range l.words[:at] {
		if name, n := c.cast.named([]word{w}); n > 0 && name == over[0] {
			continue
		}
		if !fillers[w.is] && (i == 0 || !w.fresh) {
			return false
		}
	}
	a.Kind = Heartbeat
	delete(c.silent, over[0])
	delete(c.cut, over[0])
	return true
}
