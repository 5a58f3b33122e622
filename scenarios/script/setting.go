package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
)

// setting gives a world the settings of a diagram and of the command line.
func (s *Script) setting(scene *Scene, dirs *directives, o Options) error {
	w := scene.world
	for _, key := range dirs.set {
		old := w.Stage
		v := dirs.values[key]
		_ = setStage(&w.Stage, key, v.value) // cannot fail: readDirectives has checked it
		if !scene.Fresh && w.Stage != old {
			s.refuse(v.pos, "%[1]s=%[2]s: this diagram continues the run of the previous "+
				"diagram, in which %[1]s has another value: add the word fresh to the settings "+
				"of this diagram, or remove %[1]s=%[2]s", key, v.value)
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

// late says which servers start late, so that the setting leader is obeyed.
func (s *Script) late(scene *Scene) {
	stage := &scene.world.Stage
	if !scene.Fresh || stage.Leader == 0 || stage.Leader == stage.Servers {
		return
	}
	var names []string
	for n := stage.Leader + 1; n <= stage.Servers; n++ {
		names = append(names, fmt.Sprintf("S%d", n))
	}
	start := "start"
	if len(names) == 1 {
		start = "starts"
	}
	s.Notices = append(s.Notices, fmt.Sprintf("line %d: leader=S%d: %s %s when S%[2]d leads",
		scene.Diagram.Line, stage.Leader, strings.Join(names, " and "), start))
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
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: the run has servers=%d, because the "+
			"drawing shows that many servers",
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
	s.Notices = append(s.Notices, fmt.Sprintf("line %d: the run has observers=%d, because the "+
		"drawing shows that many observers",
		scene.Diagram.Line, larger.Observers))
}

// observers returns how many observers are drawn.
func (c *Cast) observers() (n int) {
	for _, r := range c.Roles { // order: only the greatest counts
		n = max(n, r.Observes)
	}
	return n
}
