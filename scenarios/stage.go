package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// Stage is what a document is played on. A line "%% lab:" sets it, the command line may.
type Stage struct {
	Servers        int
	Observers      int
	Tick           sim.Time
	InitLimit      int // ticks
	SyncLimit      int // ticks
	SessionTimeout sim.Time
	Latency        sim.Span // one way
	Fsync          sim.Span
	Expiry         Expiry
	QuorumSync     bool
	Seed           uint64
}

// Expiry says when a session ends that its client has not closed.
type Expiry string

// The two ways. ExpireSession is ZooKeeper's; ExpireDisconnect is how many drawings have it.
const (
	ExpireSession    Expiry = "session"
	ExpireDisconnect Expiry = "disconnect"
)

// DefaultStage is what is played on if nothing is said.
func DefaultStage() Stage {
	return Stage{
		Servers: 3, Tick: 2 * sim.Second, InitLimit: 10, SyncLimit: 5, SessionTimeout: 4 * sim.Second,
		Latency: sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:   sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond},
		Expiry:  ExpireSession, Seed: 1,
	}
}

// config is the ensemble that a stage asks for.
func (s *Stage) config(seed uint64) ensemble.Config {
	return ensemble.Config{
		Seed: seed, Servers: s.Servers, Observers: s.Observers, Tick: s.Tick,
		InitLimit: s.InitLimit, SyncLimit: s.SyncLimit, SessionTimeout: s.SessionTimeout,
		Latency: s.Latency, Fsync: s.Fsync, ExpireOnDisconnect: s.Expiry == ExpireDisconnect,
		QuorumSync: s.QuorumSync,
	}
}

// Check says what about a stage cannot be.
func (s *Stage) Check() error {
	switch {
	case s.Servers < 1 || s.Observers < 0 || s.Servers+s.Observers > ensemble.Most:
		return fmt.Errorf("servers=%d observers=%d: have 1 to %d in all, at least 1 of them a server",
			s.Servers, s.Observers, ensemble.Most)
	case s.Tick < sim.Millisecond:
		return fmt.Errorf("tick=%s: it is too short: write tick=2s", s.Tick)
	case s.SessionTimeout < 2*s.Tick || s.SessionTimeout > 20*s.Tick:
		return fmt.Errorf("session-timeout=%s: servers grant 2 to 20 ticks, %s to %s here: change it, or tick=%s",
			s.SessionTimeout, 2*s.Tick, 20*s.Tick, s.Tick)
	case s.InitLimit < 1 || s.SyncLimit < 1:
		return fmt.Errorf("init-limit=%d sync-limit=%d: give them at least one tick each", s.InitLimit, s.SyncLimit)
	case s.Expiry != ExpireSession && s.Expiry != ExpireDisconnect:
		return fmt.Errorf("expiry=%s: write session or disconnect", s.Expiry)
	}
	return nil
}

// settings are what a "%% lab:" line may say.
var settings = []struct{ key, example, means string }{
	{"servers", "servers=5", "how many servers vote"},
	{"observers", "observers=1", "how many servers follow without a vote"},
	{"tick", "tick=2s", "the servers' unit of time"},
	{"init-limit", "init-limit=10", "ticks that a server may take to join its leader"},
	{"sync-limit", "sync-limit=5", "ticks that it may lag behind"},
	{"session-timeout", "session-timeout=4s", "what clients ask for: 2 to 20 ticks"},
	{"latency", "latency=1ms..5ms", "of a message, one way"},
	{"fsync", "fsync=500us..3ms", "of a sync of a disk"},
	{"expiry", "expiry=session", "when a session ends whose client is gone: session, or disconnect"},
	{"sync", "sync=leader", "whom a sync asks: leader, as ZooKeeper's, or quorum"},
	{"seed", "seed=1", "the first seed"},
	{"fresh", "fresh", "this diagram begins anew, instead of where the one before ended"},
	{"race", "race", "consecutive calls of different clients start together"},
	{"resource", "resource=DB", "that participant takes writes, outside the ensemble"},
	{"fenced", "fenced", "and refuses tokens older than one that it has seen"},
}

func settingExamples() string {
	list := make([]string, len(settings))
	for i, s := range settings {
		list[i] = s.example
	}
	n := len(list) - 1
	return strings.Join(list[:n], ", ") + " or " + list[n]
}

// meantSetting is what a key is nearly.
func meantSetting(key string) string {
	table := make([]phrase[string], len(settings))
	for i, s := range settings {
		table[i] = phrase[string]{s.key, s.key}
	}
	return meant(wordsOf(key), table)
}

// set changes one thing by its name.
func (s *Stage) set(key, value string) (err error) {
	switch key {
	case "servers":
		s.Servers, err = strconv.Atoi(value)
	case "observers":
		s.Observers, err = strconv.Atoi(value)
	case "tick":
		s.Tick, err = sim.ParseTime(value)
	case "init-limit":
		s.InitLimit, err = strconv.Atoi(value)
	case "sync-limit":
		s.SyncLimit, err = strconv.Atoi(value)
	case "session-timeout":
		s.SessionTimeout, err = sim.ParseTime(value)
	case "latency":
		s.Latency, err = parseRange(value)
	case "fsync":
		s.Fsync, err = parseRange(value)
	case "expiry":
		s.Expiry = Expiry(value)
	case "sync":
		s.QuorumSync = value == "quorum"
		if value != "quorum" && value != "leader" {
			err = fmt.Errorf("write sync=leader or sync=quorum")
		}
	case "seed":
		s.Seed, err = ParseSeed(value)
	default:
		return fmt.Errorf("no such setting%s: write %s", meantSetting(key), settingExamples())
	}
	if e, ok := err.(*strconv.NumError); ok {
		err = fmt.Errorf("%q is no number", e.Num)
	}
	return err
}

// parseRange reads 1ms..5ms, or 3ms for both ends.
func parseRange(s string) (sim.Span, error) {
	low, high, two := strings.Cut(s, "..")
	if !two {
		high = low
	}
	from, err := sim.ParseTime(low)
	if err != nil {
		return sim.Span{}, err
	}
	to, err := sim.ParseTime(high)
	if err != nil {
		return sim.Span{}, err
	}
	if to < from || to == 0 {
		return sim.Span{}, fmt.Errorf("%q is no range: write it like 1ms..5ms", s)
	}
	return sim.Span{Min: from, Max: to}, nil
}

// ParseSeed reads a seed: 7, or 0x51c3.
func ParseSeed(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("seed %q is no number: write it like 7 or 0x51c3", s)
	}
	return n, nil
}

// resource is something outside the ensemble that leaders write to.
type resource struct {
	name   string
	fenced bool
}

// setting is one thing that a directive has set, and where.
type setting struct {
	value string
	pos   diagram.Pos
}

// directives are what the "%% lab:" lines of one diagram say.
type directives struct {
	fresh, race bool
	resources   []resource
	set         []string // keys, in order
	values      map[string]setting
}

// readDirectives collects the directives of a diagram.
func readDirectives(file string, d *diagram.Diagram) (*directives, error) {
	out := &directives{values: make(map[string]setting)}
	var err error
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if dir, ok := it.(*diagram.Directive); ok && err == nil {
			err = out.take(file, dir)
		}
		return err == nil
	})
	return out, err
}

func (d *directives) take(file string, dir *diagram.Directive) error {
	fenced := false
	if w, ok := dir.Get("fenced"); ok && w.Bare {
		fenced = true
	}
	for _, w := range dir.Words {
		switch {
		case w.Bare && w.Key == "fresh":
			d.fresh = true
		case w.Bare && w.Key == "race":
			d.race = true
		case w.Bare && w.Key == "fenced":
			if _, ok := dir.Get("resource"); !ok {
				return errorAt(file, w.Pos, "fenced: which resource? Write resource=DB fenced")
			}
		case w.Bare:
			return errorAt(file, w.Pos, "%s: no such word: write fresh, race, fenced, or key=value", w.Key)
		case w.Key == "resource":
			d.resources = append(d.resources, resource{w.Value, fenced})
		default:
			if old, ok := d.values[w.Key]; ok && old.value != w.Value {
				return errorAt(file, w.Pos, "%s=%s contradicts %s=%s in line %d: keep one of them",
					w.Key, w.Value, w.Key, old.value, old.pos.Line)
			}
			if err := new(Stage).set(w.Key, w.Value); err != nil {
				return errorAt(file, w.Pos, "%s=%s: %s", w.Key, w.Value, err)
			}
			if _, ok := d.values[w.Key]; !ok {
				d.set = append(d.set, w.Key)
			}
			d.values[w.Key] = setting{w.Value, w.Pos}
		}
	}
	return nil
}

func errorAt(file string, pos diagram.Pos, format string, args ...any) error {
	return &diagram.Error{File: file, Line: pos.Line, Column: pos.Column, Message: fmt.Sprintf(format, args...)}
}
