package script

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/stage"
)

// settings are the settings of a "%% lab:" line; fresh, race and fenced have no value.
var settings = []struct{ key, example, means string }{
	{"servers", "servers=5", "number of voting servers"},
	{"observers", "observers=1", "number of observers, which have no vote"},
	{"leader", "leader=S2", "the server that leads first; the servers with higher numbers start when " +
		"it leads"},
	{"tick", "tick=2s", "the servers' unit of time (tickTime in ZooKeeper)"},
	{"init-limit", "init-limit=10", "ticks within which a server must join its leader"},
	{"sync-limit", "sync-limit=5", "ticks that a server may lag behind its leader"},
	{"session-timeout", "session-timeout=4s", "session timeout that clients request: 2 to 20 times the tick"},
	{"latency", "latency=1ms..5ms", "one-way latency of a message"},
	{"bandwidth", "bandwidth=100Mbit", "bits per second in each direction of a link, " +
		"in kbit, Mbit or Gbit; or unlimited"},
	{"disk-bandwidth", "disk-bandwidth=800Mbit", "bits per second that a disk writes, in kbit, " +
		"Mbit or Gbit; or unlimited"},
	{"fsync", "fsync=500us..3ms", "duration of an fsync"},
	{"expiry", "expiry=session",
		"when a session ends: session (at its timeout), or disconnect (when its connection is " +
			"lost)"},
	{"sync", "sync=leader", "who confirms a sync call: leader, as in ZooKeeper, or quorum"},
	{"client", "client=curator", "client library to imitate: curator, kazoo, go or java"},
	{"seed", "seed=1", "seed of the run; of the first run, if the document is played several times"},
	{"resample", "resample=120:7", "from step 120 of the run on, choose latencies and durations of " +
		"fsyncs with the seed 7"},
	{"fresh", "fresh",
		"this diagram begins with a new ensemble, and does not continue the previous diagram"},
	{"race", "race", "consecutive calls of different clients are sent at the same time"},
	{"resource", "resource=DB", "a participant that accepts writes and is not part of the " +
		"ensemble"},
	{"parents", "parents=strict", "strict: no node exists unless the drawing creates it; " +
		"supplied: the lab adds missing parents"},
	{"fault", "fault=1.283s crash A",
		"a fault at this time after the beginning of the run; must be last in the line"},
	{"call", "call=2s A create /x",
		"a client's call at this time after the beginning of the run; must be last in the line"},
	{"recipe", "recipe=race /leader A",
		"a recipe, the path of its node and the clients that run it; must be last in the line"},
	{"fenced", "fenced",
		"with resource=DB: DB refuses a fencing token that is older than the newest that DB has " +
			"seen"},
}

func settingExamples() string {
	list := make([]string, len(settings))
	for i, s := range settings {
		list[i] = s.example
	}
	n := len(list) - 1
	return strings.Join(list[:n], ", ") + " or " + list[n]
}

// meantSetting returns " (did you mean …?)" with the setting that is most like key, or "".
func meantSetting(key string) string {
	table := make([]phrase[string], len(settings))
	for i, s := range settings {
		table[i] = phrase[string]{s.key, s.key}
	}
	return meant(wordsOf(key), newLexicon(table))
}

// resource is a service outside the ensemble to which clients write.
type resource struct {
	name   string
	fenced bool
}

// setting is the value of a setting, and its place in the document.
type setting struct {
	value string
	pos   diagram.Pos
}

// directives are the contents of the "%% lab:" lines of one diagram.
type directives struct {
	fresh, race bool
	resources   []resource
	set         []string // keys, in order
	values      map[string]setting
	faults      []TimedFault
	calls       []TimedCall
	recipes     []Recipe
	noParents   bool
}

// readDirectives reads the "%% lab:" lines of a diagram.
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
	if w, ok := dir.Get(diagram.StoryKey); ok {
		s.refuse(w.Pos, "%s=%s: this diagram is a story, the steps of one run of a small "+
			"world: give it to zablab replay as the only document, or continue it with zablab "+
			"explore", w.Key, w.Value)
		return
	}
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
				s.refuse(w.Pos, "\"fenced\" has no resource: write resource=DB fenced")
			}
		case w.Bare:
			s.refuse(w.Pos, "%s: unknown word: write fresh, race, fenced, or key=value", w.Key)
		case w.Key == "resource":
			d.resources = append(d.resources, resource{w.Value, fenced})
		default:
			if old, ok := d.values[w.Key]; ok && old.value != w.Value {
				s.refuse(w.Pos, "%s=%s contradicts %s=%s in line %d: keep one",
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

// setStage changes one setting of a stage. Its error for an unknown key proposes a similar one.
func setStage(s *engine.Stage, key, value string) error {
	err := stage.Set(s, key, value)
	if errors.Is(err, stage.ErrNoSetting) {
		return fmt.Errorf("%w%s: write %s", err, meantSetting(key), settingExamples())
	}
	return err
}
