package script

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/stage"
)

// settings are the settings and words of a "%% lab:" line.
var settings = []struct{ key, example, means string }{
	{"servers", "servers=5", "how many servers vote"},
	{"observers", "observers=1", "how many servers follow without a vote"},
	{"tick", "tick=2s", "the servers' unit of time"},
	{"init-limit", "init-limit=10", "ticks that a server may take to join its leader"},
	{"sync-limit", "sync-limit=5", "ticks that it may lag behind"},
	{"session-timeout", "session-timeout=4s", "what clients ask for: 2 to 20 ticks"},
	{"latency", "latency=1ms..5ms", "of a message, one way"},
	{"fsync", "fsync=500us..3ms", "of an fsync"},
	{"expiry", "expiry=session", "when the session of a lost client ends: session, or disconnect"},
	{"sync", "sync=leader", "whom a sync asks: leader, as in ZooKeeper, or quorum"},
	{"seed", "seed=1", "the first seed"},
	{"fresh", "fresh", "this diagram starts from the beginning, not where the one before ended"},
	{"race", "race", "consecutive calls of different clients start together"},
	{"resource", "resource=DB", "that participant takes writes outside the ensemble"},
	{"parents", "parents=strict", "no node exists that the drawing does not create"},
	{"fault", "fault=1.283s crash A", "at that moment, as in a plan; it takes the rest of the line"},
	{"call", "call=2s A create /x", "at that moment; it takes the rest of the line"},
	{"fenced", "fenced", "and refuses tokens older than one it has seen"},
}

func settingExamples() string {
	list := make([]string, len(settings))
	for i, s := range settings {
		list[i] = s.example
	}
	n := len(list) - 1
	return strings.Join(list[:n], ", ") + " or " + list[n]
}

// meantSetting is the setting that a key is probably meant for.
func meantSetting(key string) string {
	table := make([]phrase[string], len(settings))
	for i, s := range settings {
		table[i] = phrase[string]{s.key, s.key}
	}
	return meant(wordsOf(key), newLexicon(table))
}

// resource is something outside the ensemble that leaders write to.
type resource struct {
	name   string
	fenced bool
}

// setting is the value of a setting, and where it stands.
type setting struct {
	value string
	pos   diagram.Pos
}

// directives are the "%% lab:" lines of one diagram.
type directives struct {
	fresh, race bool
	resources   []resource
	set         []string // keys, in order
	values      map[string]setting
	faults      []TimedFault
	calls       []TimedCall
	noParents   bool
}

// readDirectives collects the directives of a diagram.
func (s *Script) readDirectives(d *diagram.Diagram) *directives {
	out := &directives{values: make(map[string]setting)}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if dir, ok := it.(*diagram.Directive); ok {
			out.take(s, dir)
		}
		return true
	})
	return out
}

func (d *directives) take(s *Script, dir *diagram.Directive) {
	fenced := false
	if w, ok := dir.Get("fenced"); ok && w.Bare {
		fenced = true
	}
	for _, w := range d.timed(s, dir) {
		switch {
		case w.Bare && w.Key == "fresh":
			d.fresh = true
		case w.Bare && w.Key == "race":
			d.race = true
		case w.Bare && w.Key == "fenced":
			if _, ok := dir.Get("resource"); !ok {
				s.refuse(w.Pos, "fenced: which resource? Write resource=DB fenced")
			}
		case w.Bare:
			s.refuse(w.Pos, "%s: unknown word: write fresh, race, fenced, or key=value", w.Key)
		case w.Key == "resource":
			d.resources = append(d.resources, resource{w.Value, fenced})
		default:
			if old, ok := d.values[w.Key]; ok && old.value != w.Value {
				s.refuse(w.Pos, "%s=%s contradicts %s=%s in line %d: keep one of them",
					w.Key, w.Value, w.Key, old.value, old.pos.Line)
				continue
			}
			if err := setStage(new(engine.Stage), w.Key, w.Value); err != nil {
				s.refuse(w.Pos, "%s=%s: %s", w.Key, w.Value, err)
				continue
			}
			if _, ok := d.values[w.Key]; !ok {
				d.set = append(d.set, w.Key)
			}
			d.values[w.Key] = setting{w.Value, w.Pos}
		}
	}
}

func errorAt(file string, pos diagram.Pos, format string, args ...any) error {
	return &diagram.Error{File: file, Line: pos.Line, Column: pos.Column,
		Message: fmt.Sprintf(format, args...)}
}

// setStage changes one setting of a stage. For an unknown key it says what may have been meant.
func setStage(s *engine.Stage, key, value string) error {
	err := stage.Set(s, key, value)
	if errors.Is(err, stage.ErrNoSetting) {
		return fmt.Errorf("%w%s: write %s", err, meantSetting(key), settingExamples())
	}
	return err
}
