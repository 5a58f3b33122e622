package stage

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
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

// Default is what is played on if nothing is said.
func Default() Stage {
	return Stage{
		Servers: 3, Tick: 2 * sim.Second, InitLimit: 10, SyncLimit: 5, SessionTimeout: 4 * sim.Second,
		Latency: sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:   sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond},
		Expiry:  ExpireSession, Seed: 1,
	}
}

// Config is the ensemble that a stage asks for.
func (s *Stage) Config(seed uint64) ensemble.Config {
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

// ErrNoSetting is the error of a key that no stage has.
var ErrNoSetting = errors.New("no such setting")

// Set changes one thing by its name.
func (s *Stage) Set(key, value string) (err error) {
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
		s.Latency, err = ParseRange(value)
	case "fsync":
		s.Fsync, err = ParseRange(value)
	case "expiry":
		s.Expiry = Expiry(value)
	case "sync":
		s.QuorumSync = value == "quorum"
		if value != "quorum" && value != "leader" {
			err = fmt.Errorf("write sync=leader or sync=quorum")
		}
	case "seed":
		s.Seed, err = seeds.Parse(value)
	default:
		return ErrNoSetting
	}
	if e, ok := err.(*strconv.NumError); ok {
		err = fmt.Errorf("%q is no number", e.Num)
	}
	return err
}

// ParseRange reads 1ms..5ms, or 3ms for both ends.
func ParseRange(s string) (sim.Span, error) {
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

// Settings are a stage as a trace's header has it.
func (s *Stage) Settings() []trace.Setting {
	sync := "leader"
	if s.QuorumSync {
		sync = "quorum"
	}
	return []trace.Setting{
		{Key: "servers", Number: int64(s.Servers)}, {Key: "observers", Number: int64(s.Observers)},
		{Key: "tick", Number: int64(s.Tick)}, {Key: "initLimit", Number: int64(s.InitLimit)},
		{Key: "syncLimit", Number: int64(s.SyncLimit)},
		{Key: "sessionTimeout", Number: int64(s.SessionTimeout)},
		{Key: "latencyMin", Number: int64(s.Latency.Min)}, {Key: "latencyMax", Number: int64(s.Latency.Max)},
		{Key: "fsyncMin", Number: int64(s.Fsync.Min)}, {Key: "fsyncMax", Number: int64(s.Fsync.Max)},
		{Key: "expiry", Word: string(s.Expiry)}, {Key: "sync", Word: sync},
	}
}

// Words say what a run was played on, where it is not the default, and its seed.
func Words(h *trace.Header) (words []diagram.Word) {
	def := Default()
	usual := make(map[string]trace.Setting)
	for _, s := range def.Settings() {
		usual[s.Key] = s
	}
	span := sim.Span{}
	add := func(key, value string) { words = append(words, diagram.Word{Key: key, Value: value}) }
	ranged := func(key string, s trace.Setting, usual sim.Span) {
		if span.Max = sim.Time(s.Number); span != usual {
			add(key, span.Min.String()+".."+span.Max.String())
		}
	}
	for _, s := range h.Config {
		switch old, known := usual[s.Key]; {
		case s.Key == "latencyMin", s.Key == "fsyncMin":
			span.Min = sim.Time(s.Number)
		case s.Key == "latencyMax":
			ranged("latency", s, def.Latency)
		case s.Key == "fsyncMax":
			ranged("fsync", s, def.Fsync)
		case !known || s == old:
		case s.Key == "tick" || s.Key == "sessionTimeout":
			add(directiveKey(s.Key), sim.Time(s.Number).String())
		case s.Word != "":
			add(s.Key, s.Word)
		default:
			add(directiveKey(s.Key), fmt.Sprint(s.Number))
		}
	}
	return append(words, diagram.Word{Key: "seed", Value: fmt.Sprintf("%#x", h.Seed)})
}

// directiveKey is a setting's name in a document: session-timeout for sessionTimeout.
func directiveKey(key string) string {
	var b strings.Builder
	for _, r := range key {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// HealBound is how long a healed ensemble may take to be at rest: an election may have backed off
// to a minute, and a synchronisation may fail once.
func HealBound(c ensemble.Config) sim.Time {
	return 60*sim.Second + 2*sim.Time(c.InitLimit+c.SyncLimit)*c.Tick + 2*c.SessionTimeout
}
