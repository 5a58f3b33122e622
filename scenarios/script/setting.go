package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// setting gives a world the settings of a diagram and of the command line.
func (s *Script) setting(scene *Scene, dirs *directives, o Options) error {
	w := scene.world
	for _, key := range dirs.set {
		old := w.Stage
		v := dirs.values[key]
		_ = setStage(&w.Stage, key, v.value) // cannot fail: readDirectives has checked it
		if !scene.Fresh && w.Stage != old {
			s.refuse(v.pos, "%s=%s: the previous diagram has another value, and this diagram "+
				"continues the previous one: add the word fresh, or remove the "+
				"setting", key, v.value)
		}
	}
	if err := w.Stage.Check(); err != nil {
		s.refuse(scene.pos(dirs), "%s", err)
		w.Stage = engine.DefaultStage()
	}
	for _, set := range o.Set {
		err := setStage(&w.Stage, set.Key, set.Value)
		if err == nil {
			err = w.Stage.Check()
		}
		if err != nil {
			return fmt.Errorf("--%s %s: %w", set.Key, set.Value, err)
		}
	}
	return nil
}

// sets says whether a setting has a value from the diagram or from the command line.
func (d *directives) sets(key string, o Options) bool {
	_, set := d.values[key]
	return set || slices.ContainsFunc(o.Set, func(s Setting) bool { return s.Key == key })
}

// enlarge adds servers to a stage that has fewer than the drawing shows.
func (s *Script) enlarge(scene *Scene, dirs *directives, o Options) {
	w := scene.world
	s.observe(scene, dirs, o)
	if dirs.sets("servers", o) {
		return
	}
	need, leads := 0, 0
	for _, name := range w.Cast.Order {
		r := w.Cast.Roles[name]
		switch {
		case r.Kind != RoleServer || !r.Plays:
		case isServer(name):
			need = max(need, int(name[1]-'0'))
		case r.Leads:
			leads = 1
		}
		need = max(need, r.Follows+leads)
	}
	voters := w.Stage.Servers + w.Stage.Observers
	if w.Cast.observers() > 0 {
		voters = w.Stage.Servers
	}
	if larger := w.Stage; need > voters && need <= 9 {
		larger.Servers = need
		if larger.Check() != nil {
			return
		}
		w.Stage = larger
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: servers=%d, as the drawing shows",
			scene.Diagram.Line, need))
	}
}

// observe adds the observers that a drawing shows to its stage.
func (s *Script) observe(scene *Scene, dirs *directives, o Options) {
	w := scene.world
	larger := w.Stage
	larger.Observers = max(larger.Observers, w.Cast.observers())
	if dirs.sets("observers", o) || larger == w.Stage || larger.Check() != nil {
		return
	}
	w.Stage = larger
	s.Notices = append(s.Notices, fmt.Sprintf("line %d: observers=%d, as the drawing shows",
		scene.Diagram.Line, larger.Observers))
}

// observers returns how many observers are drawn.
func (c *Cast) observers() (n int) {
	for _, r := range c.Roles { // order: only the greatest counts
		n = max(n, r.Observes)
	}
	return n
}

// stretch gives a world the session timeout that its drawing names: session timeout = 6 seconds.
func (s *Script) stretch(scene *Scene, dirs *directives, o Options) {
	if dirs.sets("session-timeout", o) {
		return
	}
	found := false
	diagram.Walk(scene.Diagram.Items, func(it diagram.Item) bool {
		text, line := "", 0
		switch it := it.(type) {
		case *diagram.Arrow:
			text, line = it.Text, it.Line
		case *diagram.Note:
			text, line = it.Text, it.Line
		}
		if found || !strings.Contains(text, "imeout") {
			return true
		}
		span, ok := timeoutIn(diagram.Plain(text))
		stage := scene.world.Stage
		stage.SessionTimeout = span
		if ok && stage.Check() == nil {
			found = true
			scene.world.Stage = stage
			s.Notices = append(s.Notices, fmt.Sprintf("line %d: session-timeout=%s, as the drawing says", line,
				span.Brief()))
		}
		return true
	})
}

// timeoutIn returns the length of the session timeout that a text names. The text has to say that
// the timeout is the session's, unless it is about connecting.
func timeoutIn(text string) (sim.Time, bool) {
	words := wordsOf(normal(text))
	if has(words, "typically", "usually", "default", "approximately", "about", "or", "e.g") ||
		strings.ContainsAny(text, "~≈-–") {
		return 0, false
	}
	for i, w := range words {
		is, value, given := strings.Cut(w.is, "=")
		if is != "timeout" && is != "session_timeout" && is != "sessiontimeout" && is != "timeoutms" {
			continue
		}
		session := strings.HasPrefix(is, "session") || i > 0 && words[i-1].is == "session" ||
			has(words, "connect", "connects", "create session", "new zookeeper")
		if !session {
			continue
		}
		if given && value != "" {
			t, err := sim.ParseTime(value)
			return t, err == nil
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
