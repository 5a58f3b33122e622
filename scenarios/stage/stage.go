package stage

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// The two values of expiry. ZooKeeper expires a session after its timeout; many drawings show that
// the session ends as soon as the client disconnects.
const (
	expireSession    = "session"
	expireDisconnect = "disconnect"
)

// ErrNoSetting is the error of [Set] for an unknown key.
var ErrNoSetting = errors.New("no such setting")

// Set changes one setting of s. key is the name that documents use, such as session-timeout.
func Set(s *engine.Stage, key, value string) (err error) {
	switch key {
	case "servers":
		s.Servers, err = strconv.Atoi(value)
	case "observers":
		s.Observers, err = strconv.Atoi(value)
	case "leader":
		s.Leader, err = strconv.Atoi(strings.TrimPrefix(value, "S"))
		if err != nil || s.Leader < 1 || s.Leader > engine.MaxServers {
			err = fmt.Errorf("%q is not a server: write a name such as S2", value)
		}
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
	case "bandwidth":
		s.Bandwidth, err = sim.ParseBandwidth(value)
	case "disk-bandwidth":
		s.DiskBandwidth, err = sim.ParseBandwidth(value)
	case "resample":
		s.Resample, err = ParseResample(value)
	case "expiry":
		s.ExpireOnDisconnect, err = isSecond(value, expireSession, expireDisconnect)
	case "sync":
		s.QuorumSync, err = isSecond(value, "leader", "quorum")
	case "ttl":
		s.TTL, err = isSecond(value, "off", "on")
	case "super-digest":
		s.SuperDigest = value
		if !strings.HasPrefix(value, "super:") || strings.ContainsAny(value, " \t") {
			err = fmt.Errorf("must be what ZooKeeper's DigestAuthenticationProvider prints for " +
				"super:PASSWORD: \"super:\" and a hash")
		}
	case "client":
		s.Library, err = client.ParseLibrary(value)
	case "seed":
		s.Seed, err = seeds.Parse(value)
	default:
		return ErrNoSetting
	}
	if e, ok := err.(*strconv.NumError); ok {
		err = fmt.Errorf("%q is not a number", e.Num)
	}
	return err
}

// isSecond reports whether a value is the second of two words. It returns an error if the value is
// neither of them.
func isSecond(value, first, second string) (bool, error) {
	if value != first && value != second {
		return false, fmt.Errorf("must be %s or %s", first, second)
	}
	return value == second, nil
}

// ParseRange reads a range of times, such as 1ms..5ms. A single time, such as 3ms, means a range
// that begins and ends at this time.
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
		return sim.Span{}, fmt.Errorf("%q is not a range: write a range like 1ms..5ms", s)
	}
	return sim.Span{Min: from, Max: to}, nil
}

// ParseResample reads a [sim.Resample]: a step and a seed, such as 120:7.
func ParseResample(s string) (r sim.Resample, err error) {
	step, seed, ok := strings.Cut(s, ":")
	r.Step, err = strconv.ParseInt(step, 10, 64)
	if !ok || err != nil || r.Step < 1 {
		return sim.Resample{}, errors.New("must be a step of at least 1 and a seed, separated by " +
			"a colon, such as 120:7")
	}
	r.Seed, err = seeds.Parse(seed)
	return r, err
}

// ResampleText formats a [sim.Resample] as text that [ParseResample] can read, such as 120:7.
func ResampleText(r sim.Resample) string { return fmt.Sprintf("%d:%d", r.Step, r.Seed) }

// Settings returns the settings of a stage, without the seed, for the header of a trace.
func Settings(s *engine.Stage) []trace.Setting {
	sync, expiry := "leader", expireSession
	if s.QuorumSync {
		sync = "quorum"
	}
	if s.ExpireOnDisconnect {
		expiry = expireDisconnect
	}
	list := []trace.Setting{
		{Key: "servers", Number: int64(s.Servers)}, {Key: "observers", Number: int64(s.Observers)},
		{Key: "tick", Number: int64(s.Tick)}, {Key: "initLimit", Number: int64(s.InitLimit)},
		{Key: "syncLimit", Number: int64(s.SyncLimit)},
		{Key: "sessionTimeout", Number: int64(s.SessionTimeout)},
		{Key: "latencyMin", Number: int64(s.Latency.Min)},
		{Key: "latencyMax", Number: int64(s.Latency.Max)},
		{Key: "fsyncMin", Number: int64(s.Fsync.Min)},
		{Key: "fsyncMax", Number: int64(s.Fsync.Max)},
		{Key: "expiry", Word: expiry}, {Key: "sync", Word: sync},
	}
	if s.Leader != 0 {
		list = append(list, trace.Setting{Key: "leader", Word: engine.ServerName(zab.ID(s.Leader))})
	}
	if s.Bandwidth != 0 {
		list = append(list, trace.Setting{Key: "bandwidth", Word: s.Bandwidth.String()})
	}
	if s.DiskBandwidth != 0 {
		list = append(list, trace.Setting{Key: "disk-bandwidth", Word: s.DiskBandwidth.String()})
	}
	if s.Resample.Step != 0 {
		list = append(list, trace.Setting{Key: "resample", Word: ResampleText(s.Resample)})
	}
	if s.TTL {
		list = append(list, trace.Setting{Key: "ttl", Word: "on"})
	}
	if s.SuperDigest != "" {
		list = append(list, trace.Setting{Key: "super-digest", Word: s.SuperDigest})
	}
	if s.Library != client.Plain {
		list = append(list, trace.Setting{Key: "client", Word: s.Library.String()})
	}
	return list
}

// The setting of a resource outside the ensemble in a trace's header: "resource DB", with one of
// two words.
const (
	resourceKey    = "resource "
	resourceFenced = "fenced"
	resourceOpen   = "open"
)

// Resource returns the setting of a resource, for the header of a trace.
func Resource(name string, fenced bool) trace.Setting {
	s := trace.Setting{Key: resourceKey + name, Word: resourceOpen}
	if fenced {
		s.Word = resourceFenced
	}
	return s
}

// Words reads the settings in a trace's header, and returns the words of a "%% lab:" line: the
// seed, and the settings that differ from their defaults.
func Words(h *trace.Header) (words []diagram.Word) {
	def := engine.DefaultStage()
	usual := make(map[string]trace.Setting)
	for _, s := range Settings(&def) {
		usual[s.Key] = s
	}
	span, fenced := sim.Span{}, false
	add := func(key, value string) { words = append(words, diagram.Word{Key: key, Value: value}) }
	ranged := func(key string, s trace.Setting, usual sim.Span) {
		if span.Max = sim.Time(s.Number); span != usual {
			add(key, span.Min.String()+".."+span.Max.String())
		}
	}
	for _, s := range h.Config {
		switch old, known := usual[s.Key]; {
		case strings.HasPrefix(s.Key, resourceKey):
			add("resource", strings.TrimPrefix(s.Key, resourceKey))
			if s.Word == resourceFenced && !fenced {
				fenced = true
				words = append(words, diagram.Word{Key: resourceFenced, Bare: true})
			}
		case s.Key == "latencyMin", s.Key == "fsyncMin":
			span.Min = sim.Time(s.Number)
		case s.Key == "latencyMax":
			ranged("latency", s, def.Latency)
		case s.Key == "fsyncMax":
			ranged("fsync", s, def.Fsync)
		case s.Key == "client", s.Key == "ttl", s.Key == "super-digest", s.Key == "bandwidth",
			s.Key == "disk-bandwidth", s.Key == "resample", s.Key == "leader":
			add(s.Key, s.Word)
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

// directiveKey returns the name that documents use for a setting of a trace: session-timeout for
// sessionTimeout.
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
