package fuzz

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Schedule is one case of the fuzzer: an ensemble, what its clients do, and the faults that
// happen to them. All of it is generated from its seed ([Generate]), and any part may be removed
// ([Shrink]).
type Schedule struct {
	engine.Stage
	CommittedLog int // transactions kept in memory, for DIFF
	SnapCount    int // transactions between snapshots
	SnapChunk    int // bytes of a snapshot sent at a time
	MaxCounter   int // the largest counter in an epoch; 0 for ZooKeeper's, which no run reaches
	// ObserversFirst: observers have the smallest numbers, S1 and so on.
	ObserversFirst bool
	// Numbers is the next sequential number below [workload.Numbers], which exists; 0: it does not.
	Numbers   int
	Writeback bool // disks order little: see [sim.Disk.LosePower]
	// Rare is what the libraries of the clients are drawn from, and when an operator moves clients
	// to other servers or makes them open new sessions; 0 for neither.
	Rare      int
	Blackouts int // how often, when all is at rest, all servers lose power
	Length    sim.Time
	Calm      sim.Time   // for how long clients work on when all faults are healed
	Kinds     []string   // the kinds of faults that the plan was made of
	Clients   [][]string // by client: its workloads
	Plan      sim.Plan
	Flaw      flaw.Flaw // bug to inject into every server; none by default

	// Engine is the name of the [Engine] that the schedule is for; "" is the simulated ZooKeeper.
	Engine   string
	Restless Restless // threads of another engine's servers
	Bug      string   // to inject into another engine's servers
}

// Length is the virtual time from the start of a run until its faults are healed.
const Length = 20 * sim.Second

func (s *Schedule) total() int { return s.Servers + s.Observers }

// names returns the names of the clients.
func (s *Schedule) names() (list []string) {
	for i := range s.Clients {
		list = append(list, string(rune('A'+i)))
	}
	return list
}

// servers returns the names of the servers, the voters before the observers.
func (s *Schedule) servers() (list []string) {
	first := 0 // of the voters
	if s.ObserversFirst {
		first = s.Observers
	}
	for i := range s.total() {
		list = append(list, fmt.Sprintf("S%d", (first+i)%s.total()+1))
	}
	return list
}

// String returns the schedule as text, which [Parse] reads: a line with the settings (stage), a
// line with the workloads of each client, and a line for each fault.
func (s *Schedule) String() string {
	var b strings.Builder
	b.WriteString("stage ")
	if s.Engine != "" { // first, since the workloads depend on it
		fmt.Fprintf(&b, "engine=%s yield=%d nap=%d ", s.Engine, s.Restless.Yield, s.Restless.Nap)
	}
	if s.Bug != "" {
		fmt.Fprintf(&b, "bug=%s ", s.Bug)
	}
	fmt.Fprintf(&b, "seed=%#x servers=%d observers=%d tick=%s session-timeout=%s "+
		"latency=%s..%s fsync=%s..%s "+
		"committed-log=%d snap-count=%d length=%s", s.Seed, s.Servers, s.Observers, s.Tick,
		s.SessionTimeout,
		s.Latency.Min, s.Latency.Max, s.Fsync.Min, s.Fsync.Max, s.CommittedLog, s.SnapCount,
		s.Length)
	if s.Bandwidth > 0 {
		fmt.Fprintf(&b, " bandwidth=%s", s.Bandwidth)
	}
	if s.DiskBandwidth > 0 {
		fmt.Fprintf(&b, " disk-bandwidth=%s", s.DiskBandwidth)
	}
	if s.SnapChunk > 0 {
		fmt.Fprintf(&b, " snap-chunk=%d", s.SnapChunk)
	}
	if s.MaxCounter > 0 {
		fmt.Fprintf(&b, " max-counter=%d", s.MaxCounter)
	}
	if s.Calm > 0 {
		fmt.Fprintf(&b, " calm=%s", s.Calm)
	}
	if s.QuorumSync {
		b.WriteString(" sync=quorum")
	}
	if s.Writeback {
		b.WriteString(" disk=writeback")
	}
	if s.ObserversFirst {
		b.WriteString(" observer-numbers=low")
	}
	if s.Numbers > 0 {
		fmt.Fprintf(&b, " numbers=%d", s.Numbers)
	}
	if s.Rare > 0 {
		fmt.Fprintf(&b, " rare=%d", s.Rare)
	}
	if s.Blackouts > 0 {
		fmt.Fprintf(&b, " blackouts=%d", s.Blackouts)
	}
	if s.Resample.Step != 0 {
		fmt.Fprintf(&b, " resample=%s", stage.ResampleText(s.Resample))
	}
	if s.Flaw != flaw.None {
		fmt.Fprintf(&b, " flaw=%s", s.Flaw)
	}
	b.WriteByte('\n')
	if len(s.Kinds) > 0 {
		fmt.Fprintln(&b, "kinds "+strings.Join(s.Kinds, " "))
	}
	for i, works := range s.Clients {
		line := "client " + string(rune('A'+i)) + " " + strings.Join(works, " ")
		fmt.Fprintln(&b, strings.TrimSpace(line))
	}
	b.WriteString(s.Plan.String())
	return b.String()
}

// Parse reads a schedule. An error in the text is a [*diagram.Error].
func Parse(name, text string) (s Schedule, err error) {
	s = Schedule{Length: Length}
	staged := 0  // its line
	var at []int // by fault: its line
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		switch words[0] {
		case "stage":
			staged = n + 1
			for _, w := range words[1:] {
				if err == nil {
					err = s.set(w)
				}
			}
		case "kinds": // what the plan was made of; nothing depends on it
			s.Kinds = words[1:]
		case "client":
			err = s.addClient(words[1:])
		default:
			var f sim.Fault
			if f, err = sim.ParseFault(line); err == nil {
				s.Plan, at = append(s.Plan, f), append(at, n+1)
			}
		}
		if err != nil {
			return s, &diagram.Error{File: name, Line: n + 1, Column: 1, Message: err.Error()}
		}
	}
	if staged == 0 || len(s.Clients) == 0 {
		return s, &diagram.Error{File: name, Line: 1, Column: 1,
			Message: `not a schedule: write a line "stage seed=… servers=…" and a line ` +
				`"client A …" for each client`}
	}
	if line, err := s.check(staged, at); err != nil {
		return s, &diagram.Error{File: name, Line: line, Column: 1, Message: err.Error()}
	}
	return s, nil
}

func (s *Schedule) addClient(words []string) error {
	if want := string(rune('A' + len(s.Clients))); len(words) == 0 || words[0] != want {
		return fmt.Errorf("clients must be named A, B, C and so on, in this order: write client "+
			"%s", want)
	}
	if len(s.Clients) == 25 { // Z makes the last write
		return errors.New("more than 25 clients: remove some")
	}
	if len(words) > 1+maxWorks {
		return fmt.Errorf("client %s has more than %d workloads: remove some", words[0], maxWorks)
	}
	for _, w := range words[1:] {
		if _, ok := workload.Find(w); !ok && s.Engine == "" || s.Engine != "" && !isOtherWork(w) {
			return fmt.Errorf("no such workload: %s: the workloads are %s", w, s.workNames())
		}
	}
	if err := together(words[1:]); err != nil {
		return fmt.Errorf("client %s: %w", words[0], err)
	}
	s.Clients = append(s.Clients, words[1:])
	return nil
}

// together returns an error if one client cannot run all these workloads: a declaration is about all
// programs of a client.
func together(works []string) error {
	for _, name := range works {
		if w, _ := workload.Find(name); len(works) > 1 && len(w.Is) > 0 {
			return fmt.Errorf("the workload %s is checked as a recipe, and the checks apply to "+
				"everything that its client does: move the other workloads to another client", name)
		}
	}
	return nil
}

// does reports whether a client runs a workload.
func (s *Schedule) does(work string) bool {
	return slices.ContainsFunc(s.Clients, func(works []string) bool {
		return slices.Contains(works, work)
	})
}

// Only makes every client run these workloads and no other. It fails for an unknown name.
func (s *Schedule) Only(works ...string) error {
	for _, name := range works {
		if _, ok := workload.Find(name); !ok && s.Engine == "" || s.Engine != "" && !isOtherWork(name) {
			return fmt.Errorf("no such workload: %s: the workloads are %s", name, s.workNames())
		}
	}
	if err := together(works); err != nil {
		return err
	}
	for i := range s.Clients {
		if len(works) > 0 {
			s.Clients[i] = slices.Clone(works)
		}
	}
	if slices.Contains(works, bulk) { // as sizes would have it
		s.Bandwidth, s.DiskBandwidth = 0, 0
		s.Plan = slices.DeleteFunc(slices.Clone(s.Plan),
			func(f sim.Fault) bool { return f.Kind == sim.FaultBandwidth })
	}
	return nil
}

func (s *Schedule) workNames() string {
	var names []string
	if s.Engine != "" {
		for _, w := range otherWorks {
			names = append(names, w.Name)
		}
		return strings.Join(names, ", ")
	}
	for _, w := range workload.Every() {
		names = append(names, w.Name)
	}
	return strings.Join(names, ", ")
}

// number returns the setting of a key that is a number, and its least value; nil for another key.
func (s *Schedule) number(key string) (into *int, least int) {
	switch key {
	case "servers":
		return &s.Servers, 1
	case "observers":
		return &s.Observers, 0
	case "committed-log":
		return &s.CommittedLog, 1
	case "snap-count":
		return &s.SnapCount, 1
	case "snap-chunk":
		return &s.SnapChunk, 1
	case "max-counter":
		return &s.MaxCounter, 3
	case "rare":
		return &s.Rare, 0
	case "blackouts":
		return &s.Blackouts, 0
	case "yield":
		return &s.Restless.Yield, 0
	case "nap":
		return &s.Restless.Nap, 0
	}
	return nil, 0
}

// duration returns the setting of a key that is a duration; nil for another key.
func (s *Schedule) duration(key string) *sim.Time {
	switch key {
	case "tick":
		return &s.Tick
	case "session-timeout":
		return &s.SessionTimeout
	case "length":
		return &s.Length
	case "calm":
		return &s.Calm
	}
	return nil
}

// set changes one setting: key=value.
func (s *Schedule) set(word string) (err error) {
	key, value, _ := strings.Cut(word, "=")
	if into, least := s.number(key); into != nil {
		n, err := strconv.Atoi(value)
		if err != nil || n < least {
			return fmt.Errorf("%s=%s: must be a number, at least %d", key, value, least)
		}
		if n > maxSetting {
			return fmt.Errorf("%s=%s: must be a number, at most %d", key, value, maxSetting)
		}
		*into = n
		return nil
	}
	if into := s.duration(key); into != nil {
		if *into, err = sim.ParseTime(value); err == nil && *into <= 0 {
			err = fmt.Errorf("%s=%s: must be a duration, such as 200ms", key, value)
		}
		return err
	}
	switch key {
	case "seed":
		s.Seed, err = seeds.Parse(value)
	case "sync":
		if s.QuorumSync = value == "quorum"; !s.QuorumSync && value != "leader" {
			err = fmt.Errorf("sync=%s: must be leader or quorum", value)
		}
	case "disk":
		if s.Writeback = value == "writeback"; !s.Writeback && value != "ordered" {
			err = fmt.Errorf("disk=%s: must be ordered or writeback", value)
		}
	case "observer-numbers":
		if s.ObserversFirst = value == "low"; !s.ObserversFirst && value != "high" {
			err = fmt.Errorf("observer-numbers=%s: must be low or high", value)
		}
	case "numbers":
		s.Numbers, err = strconv.Atoi(value)
		if err != nil || s.Numbers < 0 || s.Numbers > math.MaxInt32 {
			err = fmt.Errorf("numbers=%s: must be a number from 0 to %d", value, math.MaxInt32)
		}
	case "engine":
		s.Engine = value
	case "bug":
		s.Bug = value
	case "flaw":
		e, ok := flaw.Find(value)
		if !ok {
			return fmt.Errorf(`no such flaw: %s: run "zablab flaws" for a list`, value)
		}
		s.Flaw = e.Flaw
	case "latency":
		s.Latency, err = stage.ParseRange(value)
	case "fsync":
		s.Fsync, err = stage.ParseRange(value)
	case "bandwidth", "disk-bandwidth", "resample":
		err = stage.Set(&s.Stage, key, value)
	default:
		err = fmt.Errorf("no such setting: %s: the settings are seed, servers, observers, "+
			"observer-numbers, tick, session-timeout, length, calm, latency, fsync, bandwidth, "+
			"disk-bandwidth, committed-log, snap-count, snap-chunk, max-counter, rare, blackouts, "+
			"yield, nap, sync, disk, numbers, resample, engine, bug and flaw", key)
	}
	return err
}
