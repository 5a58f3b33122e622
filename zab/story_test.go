package zab_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/safety"
)

// TestStories plays the files of testdata: each is one story of real peers on simulated machines,
// with the audit on. A block is a few commands, four dashes, and what they print. Run with -rewrite
// to replace what they print, and read the difference.
//
//	cluster voters=3 observers=1   servers S1, S2 ... with empty histories, not started; settings:
//	                               snap=10 window=5 chunk=16 tick=2s logsync=no
//	history S1 1/3 2/1             S1 has the log 1/1 1/2 1/3 2/1 on disk; accepted=2 current=2
//	                               say other epochs than that of the end, tag=x other data
//	start [S1 ...]                 boots them, or all
//	run 300ms                      lets time pass
//	until S3 leads                 or follows, observes, looks, serves, is down; or: S2 logs 1/3,
//	                               S2 applies 1/3; or: all serve. Fails after five minutes
//	propose S3 a x*200             hands words to a leader, x*200 being a long one
//	crash S3, power S2, at S1 fsync 2 crash S1, split S1 | S2 S3 ...: any fault of a plan
//	forge S1 PROPOSAL 2/5          S1 receives on its leader's connection what no leader sent
//	count S3 4294967294            S3 believes that it has proposed this many in its epoch
//	state                          one line per server
//	fsyncs S1                      how many fsyncs its disk has completed since this was last asked
//	disk S1                        what would be left if the power went now
//	show [votes|packets|disk|roles|all] [S1 ...]  what has happened since the last look: messages
//	                               (resent votes and PINGs left out), role changes, faults
//	skip                           looks without printing
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := &story{}
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				return s.block(t, d)
			})
		})
	}
}

// story is a world and what was seen of it.
type story struct {
	w      *sim.World
	audit  *safety.Audit
	seen   []sighting
	at     int                      // records looked at already
	forged bool                     // a message in it was sent by nobody
	sent   map[[2]sim.NodeID]string // the last vote from one to another

	fsynced map[sim.NodeID]uint64
	out     strings.Builder
}

// block carries out one block of a file.
func (s *story) block(t *testing.T, d *datadriven.TestData) string {
	first := []string{d.Cmd}
	for _, a := range d.CmdArgs {
		first = append(first, a.String())
	}
	s.out.Reset()
	lines := append([]string{strings.Join(first, " ")}, strings.Split(d.Input, "\n")...)
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		err := s.do(words)
		if s.w != nil && s.w.Err() != nil {
			err = s.w.Err()
		}
		if err != nil {
			t.Errorf("%s: %s: %v", d.Pos, strings.Join(words, " "), err)
			fmt.Fprintf(&s.out, "%s: %v\n", words[0], err)
			break
		}
	}
	return s.out.String()
}

func (s *story) do(words []string) error {
	if words[0] == "cluster" {
		return s.cluster(words[1:])
	}
	if s.w == nil {
		return errors.New("no cluster yet: begin with cluster")
	}
	args := words[1:]
	switch words[0] {
	case "history":
		return s.history(args)
	case "start":
		return s.start(args)
	case "run":
		span, err := sim.ParseTime(strings.Join(args, " "))
		if err == nil {
			s.w.Run(s.w.Now()+span, nil)
		}
		return err
	case "until":
		return s.until(args)
	case "propose":
		return s.propose(args)
	case "forge":
		return s.forge(args)
	case "count":
		return s.count(args)
	case "state":
		return s.state()
	case "fsyncs":
		return s.fsyncs(args)
	case "disk":
		return s.disk(args)
	case "show":
		return s.show(args)
	case "skip":
		return s.skip()
	}
	f, err := sim.ParseFault(strings.Join(words, " "))
	if err != nil {
		return err
	}
	if f.When.Trigger != 0 || f.When.At != 0 {
		return s.w.Schedule(sim.Plan{f})
	}
	err = s.w.Inject(f)
	if err == nil && f.Kind == sim.FaultWipe {
		s.audit.DiskLost(s.w.Find(f.Who[0]).ID)
	}
	return err
}

// cluster makes the world: every message takes 2 ms and every fsync 1 ms, so that the times that
// a story shows can be followed.
func (s *story) cluster(args []string) error {
	voters, observers := 3, 0
	var base zab.Config
	numbers := map[string]*int{
		"voters": &voters, "observers": &observers, "snap": &base.SnapCount,
		"window": &base.CommittedLog, "chunk": &base.SnapChunk,
	}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		var err error
		switch {
		case numbers[name] != nil:
			*numbers[name], err = strconv.Atoi(value)
		case name == "tick":
			base.TickTime, err = sim.ParseTime(value)
		case a == "logsync=no":
			base.NoLogSync = true
		default:
			err = fmt.Errorf("unknown setting: %s", a)
		}
		if err != nil {
			return err
		}
	}
	*s = story{sent: map[[2]sim.NodeID]string{}, fsynced: map[sim.NodeID]uint64{}}
	s.w = sim.NewWorld(sim.Config{
		Seed:    1,
		Latency: sim.Span{Min: 2 * sim.Millisecond, Max: 2 * sim.Millisecond},
		Fsync:   sim.Span{Min: sim.Millisecond, Max: sim.Millisecond},
	})
	s.w.Keep()
	s.audit = addServers(s.w, voters, observers, func(c *zab.Config) {
		c.SnapCount, c.CommittedLog, c.SnapChunk = base.SnapCount, base.CommittedLog, base.SnapChunk
		c.TickTime, c.NoLogSync = base.TickTime, base.NoLogSync
		c.Probe = &witness{Probe: c.Probe, s: s, id: c.ID}
	})
	for _, m := range s.w.Machines() {
		zab.Format(nil, m.Disk().Preload)
	}
	return nil
}

func (s *story) history(args []string) error {
	m, err := s.machine(args)
	if err != nil {
		return err
	}
	var log []byte
	var first, end zab.Zxid
	epochs := map[string]string{"tag": ""}
	for _, a := range args[1:] {
		if name, value, ok := strings.Cut(a, "="); ok {
			epochs[name] = value
		}
	}
	for _, a := range args[1:] {
		if strings.Contains(a, "=") {
			continue
		}
		last, err := parseZxid(a)
		if err != nil {
			return err
		}
		at := zab.MakeZxid(last.Epoch(), 1)
		if end.Epoch() == last.Epoch() {
			at = end + 1
		}
		for ; at <= last; at++ {
			if first == 0 {
				first = at
			}
			data := []byte("t" + at.String() + epochs["tag"])
			log = zab.AppendRecord(log, zab.Entry{Zxid: at, Data: data})
			end = at
		}
	}
	if first != 0 {
		m.Disk().Preload(fmt.Sprintf("log.%016x", uint64(first)), log)
	}
	for _, name := range []string{"accepted", "current"} {
		value := epochs[name]
		if value == "" {
			value = fmt.Sprint(end.Epoch())
		}
		m.Disk().Preload(name+"Epoch", []byte(value))
	}
	return nil
}

func parseZxid(text string) (zab.Zxid, error) {
	e, c, _ := strings.Cut(text, "/")
	epoch, err1 := strconv.ParseUint(e, 10, 32)
	counter, err2 := strconv.ParseUint(c, 10, 32)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%q is not a zxid: write 1/3", text)
	}
	return zab.MakeZxid(uint32(epoch), uint32(counter)), nil
}

func (s *story) machine(args []string) (*sim.Machine, error) {
	if len(args) == 0 {
		return nil, errors.New("names no server")
	}
	if m := s.w.Find(args[0]); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("unknown server: %s", args[0])
}

func (s *story) start(args []string) error {
	if len(args) == 0 {
		for _, m := range s.w.Machines() {
			s.w.Start(m)
		}
	}
	for i := range args {
		m, err := s.machine(args[i:])
		if err != nil {
			return err
		}
		s.w.Start(m)
	}
	s.w.Run(s.w.Now(), nil)
	return nil
}

func (s *story) propose(args []string) error {
	m, err := s.machine(args)
	if err != nil {
		return err
	}
	if n := peerOf(m); n == nil || n.State() != zab.Leading || !n.Serving() {
		return fmt.Errorf("%s is not an established leader", m.Name)
	}
	for _, text := range args[1:] {
		if letter, n, ok := strings.Cut(text, "*"); ok {
			many, err := strconv.Atoi(n)
			if err != nil {
				return err
			}
			text = strings.Repeat(letter, many)
		}
		s.w.Tell(m, &word{text})
	}
	return nil
}

// forge and count do what no fault of network or disk can do.
func (s *story) forge(args []string) error {
	m, err := s.machine(args)
	if err != nil || len(args) != 3 || args[1] != "PROPOSAL" {
		return fmt.Errorf("forge: write forge S1 PROPOSAL 2/5")
	}
	z, err := parseZxid(args[2])
	s.forged = true
	s.w.Tell(m, &forged{&zab.Proposal{Entry: zab.Entry{Zxid: z, Data: []byte("forged")}}})
	return err
}

func (s *story) count(args []string) error {
	m, err := s.machine(args)
	if err != nil || len(args) != 2 {
		return fmt.Errorf("count: write count S3 4294967294")
	}
	n, err := strconv.ParseUint(args[1], 10, 32)
	peerOf(m).PretendProposed(uint32(n))
	return err
}

func (s *story) fsyncs(args []string) error {
	m, err := s.machine(args)
	if err == nil {
		fmt.Fprintf(&s.out, "%s: %d fsyncs\n", m.Name, m.Disk().Fsyncs()-s.fsynced[m.ID])
		s.fsynced[m.ID] = m.Disk().Fsyncs()
	}
	return err
}

// until runs until a condition holds.
func (s *story) until(args []string) error {
	holds, err := s.condition(args)
	if err != nil {
		return err
	}
	if !holds() {
		s.w.Run(s.w.Now()+5*sim.Minute, holds)
	}
	if !holds() {
		return errors.New("never")
	}
	return nil
}

func (s *story) condition(args []string) (func() bool, error) {
	text := strings.Join(args, " ")
	if text == "all serve" {
		return func() bool {
			for _, m := range s.w.Machines() {
				if n := peerOf(m); n == nil || !n.Serving() {
					return false
				}
			}
			return true
		}, nil
	}
	m, err := s.machine(args)
	if err != nil || len(args) < 2 {
		return nil, fmt.Errorf("until %s: write until S3 leads", text)
	}
	var z zab.Zxid
	if len(args) > 2 {
		if z, err = parseZxid(args[2]); err != nil && args[2] != "down" {
			return nil, err
		}
	}
	is := func(what func(*node) bool) func() bool {
		return func() bool { n := peerOf(m); return n != nil && what(n) }
	}
	state := func(want zab.State) func() bool {
		return is(func(n *node) bool { return n.State() == want })
	}
	switch args[1] {
	case "leads":
		return state(zab.Leading), nil
	case "follows":
		return state(zab.Following), nil
	case "observes":
		return state(zab.Observing), nil
	case "looks":
		return state(zab.Looking), nil
	case "serves":
		return is(func(n *node) bool { return n.Serving() }), nil
	case "logs":
		return is(func(n *node) bool { return n.LastDurable() >= z }), nil
	case "applies":
		return is(func(n *node) bool { return n.Applied() >= z }), nil
	case "is":
		return func() bool { return !m.Up() }, nil
	}
	return nil, fmt.Errorf("until %s: unknown condition", text)
}
