package script

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// spokenTimeout is a session timeout that a line of a drawing names.
type spokenTimeout struct {
	line int
	who  string // the client whose session it is, or ""
	span sim.Time
}

// stretch gives a world the session timeout that its drawing names: session timeout = 6 seconds.
// If lines of several clients name different timeouts, each client asks for its own. A line that
// contradicts an earlier line does not count: [Scene].contradicts says why.
func (s *Script) stretch(scene *Scene, dirs *directives, o Options) {
	w := scene.world
	list := scene.timeouts()
	if len(list) == 0 {
		return
	}
	fixed := "" // what gives the timeout, whatever the lines name
	switch {
	case !scene.Fresh:
		fixed = "an earlier diagram sets it"
	case dirs.sets("session-timeout", o):
		fixed = "the setting session-timeout sets it"
	}
	least, most := w.Stage.SessionTimeouts()
	base := -1 // the line that names the timeout of all
	for i := range list {
		t := &list[i]
		drawn := t.span
		t.span = min(max(t.span, least), most)
		if t.span != drawn && fixed == "" {
			s.Notices = append(s.Notices, fmt.Sprintf("line %d: the session timeout is %s "+
				"instead of %s, because servers grant only timeouts from %s to "+
				"%s", t.line, t.span.Brief(), drawn.Brief(),
				least.Brief(), most.Brief()))
		}
		if base < 0 || list[base].who != "" && t.who == "" {
			base = i
		}
	}
	if fixed == "" {
		w.Stage.SessionTimeout = list[base].span
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: the run has session-timeout=%s, "+
			"because the drawing names this timeout",
			list[base].line, list[base].span.Brief()))
	}
	for _, t := range list {
		s.timeout(scene, t, fixed)
	}
}

// refuseTimeouts adds an error for each line that names another session timeout than the stage has.
func (s *Script) refuseTimeouts(scene *Scene) {
	has := scene.world.Stage.SessionTimeout
	for _, t := range scene.timeouts() {
		if t.span != has {
			s.refuse(diagram.Pos{Line: t.line, Column: 1}, "the drawing has a session timeout of "+
				"%s, but the setting is %s: write %%%% lab: "+
				"session-timeout=%[1]s", t.span.Brief(), has.Brief())
		}
	}
}

// timeout gives a client the session timeout that its line names, or says why the line does not
// count: fixed says what has set the timeout already; if it is empty, that is a line above.
func (s *Script) timeout(scene *Scene, t spokenTimeout, fixed string) {
	w := scene.world
	_, has := w.Timeouts[t.who]
	stays, free := w.Timeout(t.who), fixed == "" && t.who != "" && !has
	if free {
		w.Timeouts[t.who] = t.span
	}
	switch {
	case t.span == stays:
	case free:
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %[3]s has session-timeout=%[2]s, "+
			"because the drawing names this timeout",
			t.line, t.span.Brief(), w.Cast.Drawn(t.who)))
	default:
		if scene.contradicts == nil {
			scene.contradicts = make(map[int]string)
		}
		if fixed == "" {
			fixed = "a line above sets it"
		}
		scene.contradicts[t.line] = fmt.Sprintf("the session timeout stays %s, because %s",
			stays.Brief(), fixed)
	}
}

// Timeout returns the session timeout that a client asks for.
func (w *World) Timeout(who string) sim.Time {
	if t, ok := w.Timeouts[who]; ok {
		return t
	}
	return w.Stage.SessionTimeout
}

// timeouts returns the session timeouts that the lines of a diagram name.
func (s *Scene) timeouts() (list []spokenTimeout) {
	cast := s.world.Cast
	walk(s.Diagram.Items, func(it diagram.Item) bool {
		text, t := "", spokenTimeout{}
		var at []string
		switch it := it.(type) {
		case *diagram.Arrow:
			text, t.line = it.Text, it.Line
			at = []string{cast.name(it.From), cast.name(it.To)}
		case *diagram.Note:
			text, t.line = it.Text, it.Line
			for _, name := range it.Over {
				at = append(at, cast.name(name))
			}
		}
		if !strings.Contains(text, "imeout") {
			return true
		}
		plain := diagram.Plain(text)
		span, ok := timeoutIn(plain)
		if !ok || span <= 0 {
			return true
		}
		t.span, t.who = span, cast.owner(at, wordsOf(normal(plain)))
		list = append(list, t)
		return true
	})
	return list
}

// owner returns the client whose session a line is about: the client that the text names, or the
// only client among the participants of the line. It returns "" if there is no such client.
func (c *Cast) owner(at []string, words []word) (who string) {
	for i := range words {
		if name, n := c.named(words[i:]); n > 0 && c.role(name).Kind == RoleClient {
			return name
		}
	}
	for _, name := range at {
		switch {
		case c.role(name).Kind != RoleClient:
		case who != "" && who != name:
			return ""
		default:
			who = name
		}
	}
	return who
}

// timeoutKeys are the names that texts give to a session timeout, and whether the name says that it
// is the session's.
var timeoutKeys = map[string]bool{"timeout": false, "timeoutms": false, "session_timeout": true,
	"sessiontimeout": true, "sessiontimeoutms": true, "session-timeout": true,
	"session.timeout": true, "session.timeout.ms": true, "zookeeper.session.timeout": true,
	"zookeeper.session.timeout.ms": true}

// timeoutIn returns the length of the session timeout that a text names. The text has to say that
// the timeout is the session's, unless it is about connecting.
func timeoutIn(text string) (sim.Time, bool) {
	words := wordsOf(normal(text))
	if has(words, "typically", "usually", "default", "approximately", "about", "or", "e.g") ||
		strings.ContainsAny(strings.ReplaceAll(text, "session-timeout", ""), "~≈-–") {
		return 0, false
	}
	for i, w := range words {
		is, value, given := strings.Cut(w.is, "=")
		session, known := timeoutKeys[is]
		if !known || !session && (i == 0 || words[i-1].is != "session") &&
			!has(words, "connect", "connects", "create session", "new zookeeper") {
			continue
		}
		if given && value != "" {
			return milliseconds(value)
		}
		rest := words[i+1:]
		for len(rest) > 0 && (rest[0].is == "=" || rest[0].is == "is" || rest[0].is == "of" ||
			rest[0].is == "after") {
			rest = rest[1:]
		}
		return spanIn(rest[:min(2, len(rest))])
	}
	return 0, false
}

// milliseconds returns a span of time with its unit, or in milliseconds as programs write it.
func milliseconds(text string) (sim.Time, bool) {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1e9 {
		return sim.Time(n) * sim.Millisecond, true
	}
	t, err := sim.ParseTime(text)
	return t, err == nil
}
