package script

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// apartWords are phrases by which a note says that two participants cannot reach each other.
var apartWords = lexiconOf([]string{"cannot talk", "can't talk", "can not talk", "cannot communicate",
	"can't communicate", "can not communicate", "cannot see each other", "cannot reach each other",
	"can't reach each other", "lose contact", "lose connection", "lose their connection",
	"are partitioned", "are disconnected", "are separated", "are cut off", "get disconnected",
	"breaks", "is broken", "is down", "goes down", "is cut", "is lost", "fails", "drops",
	"is interrupted", "times out"})

// links are words for what connects two participants.
var links = lexiconOf([]string{"connection", "link", "network", "connectivity", "route", "path"})

// apart reads a note that says that two participants cannot talk to each other: A and ZK cannot
// talk to each other, the link between S1 and S2 is down. ok is false for another note.
func (c *compiler) apart(a *Act, l line) (ok bool, err error) {
	at, n, _ := find(l.words, apartWords)
	if at < 0 || hypothetical(l.words) || firstPath(l.words) != "" {
		return false, nil
	}
	var who []string
	for i := 0; i < len(l.words); i++ {
		name, n := c.cast.named(l.words[i:])
		if n == 0 {
			continue
		}
		who = append(who, name)
		i += n - 1
	}
	both := has(l.words[at:], "each other", "one another") || has(l.words, "between")
	one := has(l.words[at:at+1], "cannot", "can't", "can", "lose", "are", "get")
	if len(who) != 2 || !both || !one && !links.in(l.words[:at]) {
		return false, nil
	}
	a.Kind = Fault
	kinds := []RoleKind{c.cast.Roles[who[0]].Kind, c.cast.Roles[who[1]].Kind}
	client := slices.Index(kinds, RoleClient)
	switch {
	case client >= 0 && kinds[1-client] == RoleEnsemble:
		a.Fault = FaultNote{Fault: c.isolate(who[client]), Parts: who[client]}
		c.cut[who[client]] = true
	case kinds[0] == RoleServer && kinds[1] == RoleServer,
		client >= 0 && kinds[1-client] == RoleServer:
		a.Fault = FaultNote{Fault: sim.Split([]string{who[0]}, []string{who[1]})}
	default:
		return true, &misread{why: "only two servers, a client and a server, or a client and the " +
			"ensemble can be cut off from each other: name such a pair; a server may be \"the " +
			"leader\""}
	}
	span, after := lengthIn(l.words[at+n:])
	if err := tooLong(span); err != nil {
		return true, err
	}
	if after {
		a.Fault.Delay = span
	} else if span > 0 {
		a.Fault.For, a.Fault.Back = span, true
	}
	c.hurt(&a.Fault)
	return true, nil
}

// untold are phrases for faults that a note must describe in more detail, each with what to write.
var untold = newLexicon([]phrase[string]{
	{"rolling restart", "write a note for each server: \"S1 restarts\""},
	{"rolling upgrade", "write a note for each server: \"S1 restarts\""},
	{"quorum lost", "say which servers fail: \"S1 crashes\""},
	{"quorum is lost", "say which servers fail: \"S1 crashes\""},
	{"loses quorum", "say which servers fail: \"S1 crashes\""},
	{"loses its quorum", "say which servers fail: \"S1 crashes\""},
	{"lost quorum", "say which servers fail: \"S1 crashes\""},
	{"loss of quorum", "say which servers fail: \"S1 crashes\""},
	{"no quorum", "say which servers fail: \"S1 crashes\""},
	{"majority", "say which servers fail: \"S1 crashes\""},
	{"packet loss", "say who is cut off, and for how long: \"A is partitioned for 1s\""},
	{"flaky", "say who is cut off, and for how long: \"A is partitioned for 1s\""},
	{"switch failure", "say who is cut off: \"A is partitioned\""},
})

// untoldFault returns an error for a note about a fault that does not say who fails.
func untoldFault(words []word) error {
	at, n, how := find(words, untold)
	if at < 0 || words[at].is == "majority" && !faultWords.in(words[at+n:]) {
		return nil
	}
	return &misread{why: "unclear which machines fail, or for how long: " + how}
}

// twoFaults returns an error for a note about faults of two victims, of which only the first would
// be played.
func (c *compiler) twoFaults(h *faultHead) error {
	for i := range h.rest {
		name, n := c.cast.named(h.rest[i:])
		if k := c.cast.Roles[name].Kind; n == 0 || k != RoleClient && k != RoleServer {
			continue
		}
		rest := h.rest[i+n:]
		for len(rest) > 0 && fillers[rest[0].is] {
			rest = rest[1:]
		}
		if n, _ := faultWords.at(rest); n > 0 && !negates(rest) && !startsIn(rest[n:], notFaults) &&
			!subordinates.in(h.rest[:i]) {
			return &misread{why: "the note has two faults: write a note for each"}
		}
	}
	return nil
}
