package script

// states reads a note that states the session timeout of the stage, and nothing else.
func (c *compiler) states(a *Act, over []string, l line) bool {
	span, ok := timeoutIn(l.text)
	w := c.scene.world
	who := c.cast.owner(over, l.words)
	if w.Stage.SessionTimeout == span { // what all have may stand over any
		who = ""
	}
	if !ok || span != w.Timeout(who) || len(l.words) > 6 || has(l.words, "detect", "detects") {
		return false
	}
	a.Kind = Condition
	a.told("session-timeout=%s", span.Brief())
	return true
}

// wakes reads a note that says that the pause of a client is over: nothing below it happens before.
func (c *compiler) wakes(a *Act, over []string, l line) bool {
	at, _, _ := find(l.words, wakeWords)
	if at < 0 || denied(l.words, at) || hypothetical(l.words) ||
		has(l.words[:at], "before", "until", "till", "unless") {
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

// wakeWords are phrases that say that a pause is over.
var wakeWords = lexiconOf([]string{"wakes", "wakes up", "woke up", "wake up", "awakes", "awakens",
	"awoke", "reawakens", "resumes", "resumed",
	"gc ends", "gc ended",
	"gc completes", "gc completed", "gc finishes", "gc finished", "gc is over",
	"gc over", "gc done", "pause ends", "pause ended", "pause is over", "pause over", "unfreezes",
	"continues", "thaws"})
