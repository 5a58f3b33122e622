package script

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// conditions takes the session timeout of a stage from the words of a drawing: session timeout = 6s,
// connect (timeout=30s). A setting of the document comes first, and a value that no ensemble can have
// is left alone.
func (s *Script) conditions(scene *Scene, dirs *directives, o Options) {
	if _, set := dirs.values["session-timeout"]; set || o.Strict || !scene.Fresh {
		return
	}
	for _, set := range o.Set {
		if set.Key == "session-timeout" {
			return
		}
	}
	w := scene.world
	diagram.Walk(scene.Diagram.Items, func(it diagram.Item) bool {
		text, line := "", it.Position().Line
		switch it := it.(type) {
		case *diagram.Note:
			text = it.Text
		case *diagram.Arrow:
			text = it.Text
		}
		span, ok := timeoutIn(lineOf(diagram.Plain(text)))
		if !ok || w.timeout != 0 {
			return true
		}
		stage := w.Stage
		if stage.SessionTimeout = span; stage.Check() != nil {
			return true
		}
		w.Stage, w.timeout = stage, span
		scene.Stage = stage
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: session-timeout=%s, as the drawing says",
			line, span.Brief()))
		return true
	})
}

// timeoutIn is the session timeout that a text states, as in session timeout = 6 seconds or create
// session (timeout=10s). A session that times out after 6s states none.
func timeoutIn(l line) (sim.Time, bool) {
	at := strings.Index(strings.ToLower(l.text), "timeout")
	if at < 0 || !has(l.words, "session", "connect", "connection", "sessiontimeout",
		"session_timeout") && !strings.Contains(strings.ToLower(l.text), "session") {
		return 0, false
	}
	rest := strings.TrimLeft(l.text[at+len("timeout"):], " _msMS")
	if rest == "" || strings.IndexByte("=:", rest[0]) < 0 {
		return 0, false
	}
	words := wordsOf(strings.TrimLeft(rest, " =:"))
	if len(words) == 0 {
		return 0, false
	}
	if n, ok := number(words[0].is); ok && n >= 1000 { // in milliseconds, as in ZooKeeper's settings
		return sim.Time(n) * sim.Millisecond, true
	}
	return spanIn(words[:min(2, len(words))])
}

// states says whether a note states the session timeout of the stage, and nothing else.
func (c *compiler) states(a *Act, l line) bool {
	span, ok := timeoutIn(l)
	if !ok || span != c.scene.world.timeout || len(l.words) > 6 {
		return false
	}
	a.Kind = Condition
	a.told("session-timeout=%s", span.Brief())
	return true
}

// wakes reads a note that says that the pause of a client is over: nothing below it happens before.
func (c *compiler) wakes(a *Act, over []string, l line) bool {
	at, _, _ := find(l.words, wakeWords)
	if at < 0 || denied(l.words, at) || hypothetical(l.words) {
		return false
	}
	who := over[0]
	for i := range l.words[:at+1] {
		if name, n := c.cast.named(l.words[i:]); n > 0 && c.paused[name] {
			who = name
		}
	}
	if !c.paused[who] || c.cast.Roles[who].Kind != RoleClient {
		return false
	}
	delete(c.paused, who)
	a.Kind, a.Wakes = Wait, who
	return true
}

// wakeWords say that a pause is over.
var wakeWords = lexiconOf([]string{"wakes", "wakes up", "woke up", "wake up", "resumes", "resumed",
	"gc ends", "gc ended", "gc completes", "gc completed", "gc finishes", "gc finished", "gc is over",
	"gc over", "gc done", "pause ends", "pause ended", "pause is over", "pause over", "unfreezes",
	"continues", "thaws"})
