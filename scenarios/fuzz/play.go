package fuzz

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Result is the outcome of a schedule.
type Result struct {
	Property    string // that broke first; empty if none did
	Text        string
	During      string   // where in the run it broke: faults, healing or blackouts; "" for a judge
	Undecided   []string // checks that ran out of time
	Events      uint64
	Virtual     sim.Time
	Operations  int
	Succeeded   int
	Fingerprint uint64
	Sometimes   Sometimes
	Reached     []ensemble.Reached // where faults fell, sorted
	Tally       ensemble.Tally     // what the run reached, if Playing.Reach asked for it
	FlawHits    flaw.Hits          // how often the places of the injected flaw were reached
	Calm        calm.Figures
	Healed      sim.Time // from healing to the first write; 0 if no write came
	Rested      sim.Time // from the end of the clients until all was at rest; 0 if never

	Muted []string // muted properties that broke
	mute  []string // muted properties

	Promises promise.Figures

	Ensemble *ensemble.Ensemble // if Playing.Keep asked for it: the caller calls Close
	Run      Kept               // the same, of another engine
	Checks   []judge.Check

	counted bool
	playing Playing // how it was played
}

// Sometimes counts events that should happen somewhere in a batch of runs: a batch without them
// proves little.
type Sometimes struct {
	Elections, Diffs, Truncs, Snaps, Moved, Handed, Expired, Unknown, TwoBelieved, Faults int

	Between  int // leaders that died between two fsyncs: epoch promised, history not taken on
	NoQuorum int // epochs that a quorum promised and that were never established
	Lost     int // disks
	Refused  int // writes that a resource refused for an old token
	Outlived int // beliefs that lasted longer than the holder's node

	AtTrunc  int // faults of a server while it was at a TRUNC
	InSnap   int // the same, between the pieces of a SNAP
	Election int // faults at a NOTIFICATION, later than in the first election
	Started  int // faults of a server that had just restarted
	Lagging  int // faults of a server whose log lacked something chosen

	Blackouts int // losses of all power at rest, after which all came back
}

// fields returns the counts with their names and texts.
func (s *Sometimes) fields() []field {
	return []field{
		{"faults took effect", "a fault took effect", &s.Faults},
		{"a leader was established", "a leader was established", &s.Elections},
		{"DIFF", "a server caught up by DIFF", &s.Diffs},
		{"TRUNC", "a server caught up by TRUNC", &s.Truncs},
		{"SNAP", "a server caught up by SNAP", &s.Snaps},
		{"a session moved", "a session moved to another server", &s.Moved},
		{handed, "a SNAP contained a transaction that was not committed", &s.Handed},
		{"a session ended by itself", "the ensemble expired a session", &s.Expired},
		{"an outcome was unknown", "a client did not learn the outcome of a call", &s.Unknown},
		{"two believed to lead", "two clients believed to be the leader at the same time",
			&s.TwoBelieved},
		{"a leader died between two fsyncs",
			"a leader died before storing its new current epoch", &s.Between},
		{"an epoch had no quorum", "a leader was elected but not established", &s.NoQuorum},
		{"a disk was lost", "a server lost its disk", &s.Lost},
		{refused, "a resource refused an old fencing token", &s.Refused},
		{"a belief outlived its node", "a client led or held a lock after losing its znode",
			&s.Outlived},
		{"a fault at a TRUNC", "a fault hit a server during a TRUNC", &s.AtTrunc},
		{"a fault between pieces of a SNAP", "a fault hit a server between pieces of a SNAP",
			&s.InSnap},
		{"a fault in a later election",
			"a fault happened during an election after the first", &s.Election},
		{"a fault soon after a restart", "a fault hit a server soon after its restart", &s.Started},
		{"a fault of a server that lags", "a fault hit a server that lacked a chosen transaction",
			&s.Lagging},
		{blackout, "all servers lost power while idle, and came back", &s.Blackouts},
	}
}

// field is one count. Its name is a key in files of results and never changes; people read its
// text.
type field struct {
	name, text string
	n          *int
}

// Add adds the counts of another run.
func (s *Sometimes) Add(o *Sometimes) {
	more := o.fields()
	for i, f := range s.fields() {
		*f.n += *more[i].n
	}
}

// Count says how often an event happened in a batch.
type Count struct {
	What string // its name in JSON
	Text string // the same for people
	N    int
}

// List returns the counts with their names and texts, in a fixed order.
func (s *Sometimes) List() (list []Count) {
	for _, f := range s.fields() {
		list = append(list, Count{f.name, f.text, *f.n})
	}
	return list
}

// AddMap adds the counts of a map that [Sometimes.Map] has returned, perhaps in another process.
func (s *Sometimes) AddMap(m map[string]int) {
	for _, f := range s.fields() {
		*f.n += m[f.name]
	}
}

// Map returns the counts by name, for JSON.
func (s *Sometimes) Map() map[string]int {
	m := make(map[string]int)
	for _, f := range s.fields() {
		m[f.name] = *f.n
	}
	return m
}

// Tamper wraps a machine's program, to give a server a false state on purpose: see
// [ensemble.Config].
type Tamper = func(m *sim.Machine, p sim.Program) sim.Program

// Playing says how a schedule is played. The zero value plays it unchanged.
type Playing struct {
	Tamper Tamper
	Keep   bool // keep the ensemble and its records for the caller, who calls Close
	// ClientsOnly turns off the checks of single servers. A failure of another check can be seen by
	// clients, or by comparing servers.
	ClientsOnly bool
	// Programs, if set, replace the workloads of every client.
	Programs []func(*client.Proc)
	// Is has what the Programs declare themselves to be: they are judged by that.
	Is []recipe.Recipe
	// Also, if set, is a further check when the ensemble is at rest: an error breaks the property
	// "Also".
	Also func(e *ensemble.Ensemble) error
	// Mute names properties that end no run and do not count: see [Result.Muted].
	Mute []string
	// Engine plays the schedules that name it.
	Engine Engine
	// Over, if set, is called when the run has been judged, and before it is closed:
	// Result.Ensemble or Result.Run is set for the call. If the world has not failed, it may be run
	// further; the figures of the result stay as they are.
	Over func(out *Result)
	// Reach counts what the run reaches: see [Result.Tally].
	Reach bool
	// Workers is how many runs of a shrinking are played at a time; 0 for one per processor.
	Workers int
	// Stop, if set, ends a shrinking early: it is asked before every run.
	Stop func() bool
}

// perServer are the invariants of single servers.
var perServer = []string{"VoteTruth", "EpochCurrency", "AckedDurable", "StateAtZxid",
	"SnapshotLegality", "CommittedLogChain",
	"NoServiceUnlessEstablished", "VoteOrder", "LogContiguous"}

// Play plays a schedule: its faults and its clients' work. Then it heals every fault and waits
// until all servers have the same state and nothing is left to do. At the end two independent
// checkers, porcupine and package witness, judge the clients' history.
func (s *Schedule) Play(o Playing) (out Result, err error) {
	out.mute, out.playing = o.Mute, o
	defer out.recovers()
	if s.Engine != "" {
		return s.elsewhere(o)
	}
	e, err := ensemble.New(s.config(&o, &out))
	if err != nil {
		return out, err
	}
	if out.Ensemble = e; !o.Keep {
		defer func() { e.Close(); out.Ensemble = nil }()
	}
	if err := s.addClients(e, &o); err != nil {
		return out, err
	}
	plan := slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		return f.When.Trigger == 0 && f.When.At >= s.Length // it is healed at once
	})
	if err := e.World.Schedule(plan); err != nil {
		return out, err
	}
	out.During = DuringFaults
	e.Run(s.Length, nil)
	if e.Err() == nil {
		out.During = DuringHealing
		s.rest(e, &out, o.Also)
	}
	out.take(e)
	out.FlawHits = e.FlawHits()
	out.reach(e, s.Clients)
	if out.Property == "" {
		out.During = "" // the judges look at the whole run
	}
	out.judge(e, judge.Options{QuorumSync: s.QuorumSync,
		ZxidsFirst: !o.Keep && s.Seed%searchEvery != 0})
	out.calm(e)
	if o.Over != nil {
		o.Over(&out)
	}
	return out, nil
}

// config returns the configuration of the schedule's ensemble.
func (s *Schedule) config(o *Playing, out *Result) ensemble.Config {
	c := ensemble.Config{
		Stage: s.staged(), Lenient: true, Keep: o.Keep, Tamper: o.Tamper, Flaw: s.Flaw,
		Writeback: s.Writeback, ObserversFirst: s.ObserversFirst, Tally: o.Reach,
		Tweak: func(_ zab.ID, c *server.Config) {
			p := &c.Peer
			p.CommittedLog, p.SnapCount, p.SnapChunk, p.MaxCounter = s.CommittedLog, s.SnapCount,
				s.SnapChunk, uint32(s.MaxCounter)
			omitDefaults(p)
		},
	}
	if s.Numbers > 0 {
		c.Numbered, c.Creates = workload.Numbers, int32(s.Numbers)
	}
	odd := s.odd()
	if c.CountStarts = odd.starts; odd.version != 0 {
		c.Written, c.Version = worn, odd.version
	}
	if odd.wide {
		c.Others = 0x100
	}
	c.Mute = func(name string) bool {
		return out.mutes(name) || o.ClientsOnly && slices.Contains(perServer, name)
	}
	return c
}

// ZooKeeper's defaults of settings that a schedule may have (ZKDatabase.commitLogCount,
// ZooKeeperServer.snapCount, the tickTime of zoo_sample.cfg), and of some that it leaves alone
// (FastLeaderElection.finalizeWait, maxNotificationInterval;
// Learner.leaderConnectDelayDuringRetryMs). SnapChunk is this lab's.
var defaults = zab.Config{CommittedLog: 500, SnapCount: 100_000, SnapChunk: 4096,
	FinalizeWait: 200 * sim.Millisecond, MaxNotify: 60 * sim.Second,
	ConnectRetry: 100 * sim.Millisecond, TickTime: 2 * sim.Second}

// omitDefaults leaves out what is the default: so the engine's own defaults are played too.
func omitDefaults(c *zab.Config) {
	if c.TickTime == defaults.TickTime {
		c.TickTime = 0
	}
	for _, n := range []struct {
		set *int
		def int
	}{{&c.CommittedLog, defaults.CommittedLog}, {&c.SnapCount, defaults.SnapCount},
		{&c.SnapChunk, defaults.SnapChunk}} {
		if *n.set == n.def {
			*n.set = 0
		}
	}
}

// settings compares the settings of the servers with those of the schedule, and with ZooKeeper's
// defaults. It returns what differs.
func (s *Schedule) settings(e *ensemble.Ensemble) string {
	for id := range s.total() {
		p := e.Server(zab.ID(1 + id))
		if p == nil {
			continue
		}
		has := p.Peer().Settings()
		for _, n := range []struct {
			name      string
			has, want int64
		}{
			{"committed transactions in memory", int64(has.CommittedLog),
				int64(cmp.Or(s.CommittedLog, defaults.CommittedLog))},
			{"transactions between snapshots", int64(has.SnapCount),
				int64(cmp.Or(s.SnapCount, defaults.SnapCount))},
			{"size of a piece of a snapshot, in bytes", int64(has.SnapChunk),
				int64(cmp.Or(s.SnapChunk, defaults.SnapChunk))},
			{"time that an election waits for a better vote, in µs", int64(has.FinalizeWait),
				int64(defaults.FinalizeWait)},
			{"longest time until a vote is sent again, in µs", int64(has.MaxNotify),
				int64(defaults.MaxNotify)},
			{"tick, in µs", int64(has.TickTime), int64(cmp.Or(s.Tick, defaults.TickTime))},
			{"time until a learner dials again, in µs", int64(has.ConnectRetry),
				int64(defaults.ConnectRetry)},
		} {
			if n.has != n.want {
				return fmt.Sprintf("S%d: %s: %d, want %d", 1+id, n.name, n.has, n.want)
			}
		}
	}
	return ""
}

// addClients adds the clients and starts them. Programs, if there are any, replace their workloads.
func (s *Schedule) addClients(e *ensemble.Ensemble, o *Playing) error {
	for i, works := range s.Clients {
		own, looks := o.Programs, sim.Time(0)
		if own == nil {
			looks = workload.Looks
			for _, name := range works {
				if w, ok := workload.Find(name); ok {
					own = append(own, w.Program(s.Seed, string(rune('A'+i))))
				}
			}
		}
		is := slices.Clip(o.Is) // all runs share it
		for _, name := range works {
			if w, ok := workload.Find(name); ok && o.Programs == nil {
				is = append(is, w.Is...)
			}
		}
		c, err := e.AddClientWith(string(rune('A'+i)), 0, client.Config{Renew: true,
			Programs: own, Looks: looks, Is: is, Library: s.library(i)})
		if err != nil {
			return err
		}
		c.Start()
	}
	s.operate(e)
	return nil
}

// reach takes what the run has reached, if that was counted, and adds the workloads.
func (out *Result) reach(e *ensemble.Ensemble, clients [][]string) {
	if out.Tally = e.Tally(); out.Tally == nil {
		return
	}
	for _, works := range clients {
		for _, name := range works {
			out.Tally.Add(tallyWorkloads, name, 1)
		}
	}
}

// rest heals every fault and requires that one more write succeeds. Then it ends the clients, and
// requires that the servers have a leader, equal trees and no sessions.
func (s *Schedule) rest(e *ensemble.Ensemble, out *Result, also func(*ensemble.Ensemble) error) {
	fail := func(property, format string, args ...any) {
		if out.Property == "" && e.Err() == nil && !out.mutes(property) {
			out.Property, out.Text = property, fmt.Sprintf(format, args...)
		}
	}
	e.World.Disarm()
	if err := e.Heal(); err != nil {
		return // e.Err says why
	}
	if text := s.settings(e); text != "" {
		fail("Defaults", "%s", text)
		return
	}
	for _, f := range s.Plan {
		if end, ok := f.Undo(); ok {
			_ = e.World.Inject(end)
		}
	}
	began, bound := e.World.Now(), e.Config().HealBound()
	if err := oneMoreWrite(e, bound); err != nil {
		fail("LiveAfterHealing", "%v", err)
		return
	}
	out.Healed = e.World.Now() - began
	stuck := func() bool { name, _ := e.Stuck(); return name != "" }
	if e.Run(e.World.Now()+s.SessionTimeout+10*s.Tick, func() bool { return !stuck() }); stuck() {
		name, why := e.Stuck()
		fail("NoStuckWaiter", "%s still waits %s", name, why)
		return
	}
	if s.Calm > 0 {
		e.NoMoreFaults(s.progress())
		idle := s.idle(e)
		e.Run(e.World.Now()+s.Calm, nil)
		if path := idle.left(e); path != "" {
			fail("TransientsEnd", "%s still exists after %s without a change: the leader should "+
				"have deleted this node, which is a container or has a time to live",
				path, s.Calm)
			return
		}
	}
	endClients(e)
	began = e.World.Now()
	if e.Run(began+bound, e.AtRest); !e.AtRest() {
		fail("LiveAfterHealing", "all faults were healed and all clients ended, but %s later the "+
			"ensemble has not recovered: %s", bound, e.Unrest())
		return
	}
	out.Rested = e.World.Now() - began
	if also != nil {
		if err := also(e); err != nil {
			fail("Also", "%v", err)
		}
	}
	e.Rested()
	out.count(e) // what follows is no part of what the faults have reached
	s.blackouts(e, out, fail)
}

// endClients ends every machine that is not a server: the clients, and those that
// [Schedule.operate] has added. Left alone, these would open sessions while the servers are
// supposed to be at rest.
func endClients(e *ensemble.Ensemble) {
	for _, m := range e.World.Machines() {
		if m.Kind == "client" && m.Up() {
			_ = e.World.Inject(sim.Crash(m.Name))
		}
	}
}

// Healer is the name of the client that shows, after all faults are healed, that a write succeeds.
const Healer = "Z"

// oneMoreWrite lets the [Healer] create a node. It returns an error if that takes longer than bound.
func oneMoreWrite(e *ensemble.Ensemble, bound sim.Time) error {
	done, connected := false, false
	z, err := e.AddClientWith(Healer, 0, client.Config{Renew: true,
		Programs: []func(*client.Proc){func(p *client.Proc) {
			for !done && p.WaitConnected() {
				connected = true
				_, err := p.Create("/healed", nil, tree.Persistent)
				done = err == nil || errors.Is(err, tree.NodeExists)
			}
		}}})
	if err != nil {
		return err
	}
	z.Start()
	if e.Run(e.World.Now()+bound, func() bool { return done }); done {
		return nil
	}
	text := fmt.Sprintf("%s after all faults were healed, no write has succeeded", bound)
	if c := e.Config(); !connected {
		n := c.Servers + c.Observers
		text += fmt.Sprintf(": client Z could not open a session: if a server does not open the "+
			"session within %s, the client tries another server. This time is the session timeout "+
			"(%s) divided by the number of servers (%d)",
			c.SessionTimeout/sim.Time(n), c.SessionTimeout, n)
	}
	return errors.New(text)
}

// take copies the counts of the ensemble.
func (out *Result) take(e *ensemble.Ensemble) {
	out.Events, out.Virtual, out.Fingerprint = e.World.Stats().Events, e.World.Now(),
		e.World.Fingerprint()
	if !out.counted {
		out.count(e)
	}
	var v *audit.Violation
	switch err := e.Err(); {
	case errors.As(err, &v):
		out.Property, out.Text = v.Name, v.Error()
	case err != nil:
		out.Property, out.Text = "Assertion", err.Error()
		if text, ok := strings.CutSuffix(err.Error(),
			")"); ok { // assertions of zab end with their name
			if i := strings.LastIndex(text, " ("); i >= 0 && !strings.Contains(text[i+2:], " ") {
				out.Property = text[i+2:]
			}
		}
	}
}

// count reads the counts of operations, and of what happened sometimes, off the ensemble.
func (out *Result) count(e *ensemble.Ensemble) {
	out.counted = true
	for _, o := range e.Ops() {
		out.Operations++
		switch o.Outcome {
		case client.OK:
			out.Succeeded++
		case client.Unknown:
			out.Sometimes.Unknown++
		}
	}
	out.Reached = e.Reached()
	out.Sometimes.fell(out.Reached)
	n := e.Seen()
	out.Sometimes.Elections = len(e.Reigns())
	out.Sometimes.Diffs, out.Sometimes.Truncs, out.Sometimes.Snaps = n.Diffs, n.Truncs, n.Snaps
	out.Sometimes.Handed, out.Sometimes.Between = n.Handed, n.Between
	out.Sometimes.NoQuorum = int(e.Audit().Elections) - len(e.Reigns())
	out.Sometimes.Refused, out.Sometimes.Lost = n.Refused, n.Lost
	out.Sometimes.Moved, out.Sometimes.Expired, out.Sometimes.Faults = n.Moved, len(e.Closings()),
		int(e.World.Stats().Faults)
}

// fell counts where faults fell.
func (s *Sometimes) fell(places []ensemble.Reached) {
	for _, r := range places {
		switch r.Message {
		case "TRUNC":
			s.AtTrunc += r.N
		case "SNAPDATA":
			s.InSnap += r.N
		case "NOTIFICATION":
			if !r.First {
				s.Election += r.N
			}
		}
		if r.Started {
			s.Started += r.N
		}
		if r.Lagging {
			s.Lagging += r.N
		}
	}
}

// fuzzLimit is how long porcupine may take for one schedule, and fuzzPatience how long it may take
// before the order of the zxids is tried.
const (
	fuzzLimit    = judge.DefaultLimit / 4
	fuzzPatience = 5 * time.Millisecond
)

// searchEvery is the distance of the seeds for which porcupine searches in any case. For the other
// seeds the order of the zxids is tried first: if it explains every answer, it is the proof that
// porcupine would search for. The seeds with a search show that porcupine agrees.
const searchEvery = 16

// judge lets the judges check the run; the property is the first broken check.
func (out *Result) judge(e *ensemble.Ensemble, options judge.Options) {
	options.Models, options.WitnessFirst = []lin.Model{lin.ZNode}, true
	options.Limit, options.Patience = fuzzLimit, fuzzPatience
	h := e.History()
	j, err := judge.Judge(h, e.RecordOf(h), options)
	if err != nil {
		if out.Property == "" {
			out.Property, out.Text = judge.CheckWrites, err.Error()
		}
		return
	}
	out.Checks, out.Promises = j.Checks, j.Promises
	out.Sometimes.Outlived = j.Promises.Past
	out.earlier(e)
	if j.Figures.Overlap > 0 {
		out.Sometimes.TwoBelieved++
	}
	for i := range j.Checks {
		c := &j.Checks[i]
		switch {
		case c.Verdict == lin.Undecided:
			out.Undecided = append(out.Undecided, c.Name)
		case c.Verdict == lin.Broken && c.Promised && out.Property == "" && !out.mutes(c.Name):
			out.Property, out.Text = c.Name, c.Text
		}
	}
}

// ofRecipes are the properties of recipes that package audit checks at every event.
var ofRecipes = []string{audit.NoHerd, audit.OneTicket, audit.Registration}

// earlier names the promise of a recipe that was broken before such a property was: the later one
// follows from it.
func (out *Result) earlier(e *ensemble.Ensemble) {
	var v *audit.Violation
	if !errors.As(e.Err(), &v) || !slices.Contains(ofRecipes, v.Name) {
		return
	}
	for i := range out.Checks {
		c := &out.Checks[i]
		if c.Verdict == lin.Broken && c.Promised && len(c.Breaches) > 0 &&
			slices.Contains(promise.Names(), c.Name) && c.Breaches[0].Called < v.At &&
			!out.mutes(c.Name) {
			out.Property, out.Text = c.Name, c.Text
			return
		}
	}
}
