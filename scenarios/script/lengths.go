package script

import "github.com/zablab/zablab/sim"

// lengths reads when a fault happens and how long it lasts: freezes for half a minute, is
// partitioned for 1s, heals after 2s, crashes and restarts after 5s.
func (c *compiler) lengths(f *FaultNote, h *faultHead) error {
	rest, back := h.rest, -1
	for i := range rest {
		if n, kind := faultWords.at(rest[i:]); n > 0 && !rest[i].quoted && continues(rest, i) {
			if !undoes(h.kind, kind) {
				break
			}
			back = i
			break
		}
		if n, _ := reconnectWords.at(rest[i:]); n > 0 && h.kind == sim.FaultSplit && continues(rest, i) {
			back = i
			break
		}
	}
	if back >= 0 {
		f.Back = true
		f.For, _ = spanIn(rest[back:])
		if err := tooLong(f.For); err != nil {
			return err
		}
		if f.For == 0 && h.kind == sim.FaultSplit {
			f.For = c.scene.world.Timeout(h.who) * 3 / 4 // it notices, and its session survives
		}
		rest = rest[:back]
	}
	span, after := lengthIn(rest)
	if span == 0 {
		span, after = lengthIn(h.front)
	}
	switch {
	case after:
		f.Delay, span = span, 0
	case h.kind == sim.FaultHeal || h.kind == sim.FaultRestart || h.kind == sim.FaultMend:
		span = 0
	}
	if err := tooLong(max(f.Delay, span)); err != nil {
		return &misread{why: "the time is too long: the limit is " + longestWait.String()}
	}
	switch h.kind {
	case sim.FaultPause:
		if f.Fault.Span = span; span == 0 {
			f.Fault.Span, f.Open = c.long(), true
		}
	case sim.FaultCrash, sim.FaultPower, sim.FaultSplit:
		if span > 0 {
			f.For, f.Back = span, true
		}
	}
	return nil
}

// lengthIn returns the first span of time in a text; after says that it passes before the fault: in
// 2s, after 2s, 2s later.
func lengthIn(words []word) (span sim.Time, after bool) {
	for i := range words {
		t, n := spanAt(words, i)
		if n == 0 {
			continue
		}
		before := words[:i]
		if len(before) > 1 && has(before[len(before)-1:], "about", "another", "nearly", "almost") {
			before = before[:len(before)-1]
		}
		after = len(before) > 0 && has(before[len(before)-1:], "after", "in") ||
			i+n < len(words) && has(words[i+n:i+n+1], "later")
		return t, after
	}
	return 0, false
}

// spanLength returns the number of words of the span of time that begins at a word, or 0.
func spanLength(words []word, i int) int {
	_, n := spanAt(words, i)
	return n
}

// continues reports whether a second fault of the same victim begins at a word: crashes and
// restarts, crashes, then restarts.
func continues(words []word, i int) bool {
	return i == 0 && words[0].fresh || i > 0 && (words[i].fresh || has(words[i-1:i], "and", "then",
		"but", "it", "he", "→", "->"))
}

// undoes reports whether a fault of the second kind ends one of the first.
func undoes(first, second sim.FaultKind) bool {
	switch first {
	case sim.FaultCrash, sim.FaultPower:
		return second == sim.FaultRestart
	case sim.FaultSplit:
		return second == sim.FaultHeal || second == sim.FaultRestart
	}
	return false
}

// breaks reads a clause that says that a connection breaks, such as "connection to
// ZooKeeper is lost": the number of its words, or 0.
func (c *compiler) breaks(words []word) (n int) {
	if !links.in(words[:min(1, len(words))]) || words[0].is == "path" || words[0].is == "route" {
		return 0
	}
	for n = 1; n < len(words) && n < 7; n++ {
		if broken.in(words[n : n+1]) {
			return n + 1
		}
		_, named := c.cast.named(words[n:])
		if !between[words[n].is] && named == 0 {
			return 0
		}
	}
	return 0
}

// broken say of a connection that it does not work.
var broken = lexiconOf([]string{"lost", "drops", "dropped", "breaks", "broken", "fails", "failed",
	"down", "dies", "reset", "interrupted", "cut", "severed", "suspended"})

// between are words that may stand between a connection and what becomes of it.
var between = wordSet("to", "with", "the", "zookeeper", "zk", "ensemble", "server", "servers",
	"cluster", "is", "was", "gets", "goes", "has", "been", "quorum", "its", "leader")
