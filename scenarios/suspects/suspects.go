// Package suspects tests Raft libraries with the fuzzer: it adapts the schedules that package fuzz
// generates for ZooKeeper, plays them with package raft/trial, and judges the runs.
//
// # What a schedule becomes
//
// Servers, links, disks, faults and the times of the faults stay the same. A follower becomes a
// candidate after five ticks without a message from the leader, so that Raft's followers and
// ZooKeeper's followers give up a silent leader after the same time. A fault that waits for a
// message of ZooKeeper waits for the corresponding message of Raft instead ([messages]). Observers,
// faults of observers, and faults that end sessions are left out. The clients write and read
// registers. In some schedules they also ask the leader to transfer its leadership to another
// server.
//
// Two thirds of the ensembles with more than three servers are reduced to three servers, so that
// more schedules are played in the same time. Some schedules get more clients, an operator who
// hands the leadership over now and then, a network that fails link by link, or a disk whose fsyncs
// fail for some seconds.
//
// The seed adds three more disturbances, as on a busy machine: pauses in the middle of a server's
// code, and yields and naps of its threads ([fuzz.Restless]). In a pause, a server gets no CPU
// time, often for seconds. In a nap, a thread sleeps for up to 8 ms; in a yield, it lets other
// threads run first. A pause is a fault such as "at S1 looks 40 after 5s pause S1 2s": S1 pauses
// for 2 s when it reads its clock for the 40th time after 5 s. Yields and naps happen only where
// the library calls code of the lab: connections, disk, metrics (hashicorp/raft), and the logger
// (etcd-io/raft).
//
// Every library plays the same schedules. For etcd-io/raft the seed also picks how many messages
// may be under way to a follower, and how large they may be.
package suspects

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Suspect is a Raft library with its compiled server. It is a [fuzz.Engine]: the fuzzer plays
// schedules on it.
type Suspect struct {
	*Kind
	host *guest.Host
	from guest.Source
	// NoNaps leaves yields and naps out of the schedules.
	NoNaps bool
}

var _ fuzz.Engine = (*Suspect)(nil)

// Close frees the compiled server.
func (e *Suspect) Close(ctx context.Context) error { return e.host.Close(ctx) }

// Name returns the name of the engine in schedules.
func (e *Suspect) Name() string { return e.Engine }

// From returns the version or the folder that the suspect was opened with, or "" for the version in
// go.mod. It is a method of [fuzz.Engine].
func (e *Suspect) From() string {
	if dir := e.from.Dir; dir != "" && !strings.Contains(filepath.ToSlash(dir), "/") {
		return "./" + dir
	}
	return filepath.ToSlash(e.from.String())
}

// Source returns the version of the library, or the folder of its checkout.
func (e *Suspect) Source() string {
	if text := e.from.String(); text != "" {
		return text
	}
	return e.Version
}

// config returns the trial of a schedule.
func (e *Suspect) config(s *fuzz.Schedule, o *fuzz.Playing) trial.Config {
	c := trial.Config{
		Seed: s.Seed, Servers: s.Servers, Latency: s.Latency, Fsync: s.Fsync, Writeback: s.Writeback,
		Bandwidth: s.Bandwidth, DiskBandwidth: s.DiskBandwidth, Resample: s.Resample,
		Heartbeat: 5 * s.Tick, Snapshots: s.SnapCount, Trailing: s.CommittedLog, Prevote: true,
		Yield: s.Restless.Yield, Nap: s.Restless.Nap, Bug: s.Bug, Keep: o.Keep,
		Mute: func(name string) bool { return slices.Contains(o.Mute, name) },
	}
	if e.tune != nil {
		e.tune(&c, sim.NewRand(s.Seed).Fork("settings"))
	}
	for i, work := range s.Clients {
		name := string(rune('A' + i))
		chance := sim.NewRand(s.Seed).Fork("mix of " + name)
		client := trial.Client{Name: name, Mix: registers.Draw(chance)}
		switch {
		case len(work) == 0:
			continue
		case !slices.Contains(work, works):
			client.Transfers = 100
			client.Mix.Pause = chance.Between(200*sim.Millisecond, 1500*sim.Millisecond)
		case slices.Contains(work, transfers):
			client.Transfers = 5 + chance.Intn(30)
		}
		c.Clients = append(c.Clients, client)
	}
	return c
}

const (
	works     = "registers"
	transfers = "transfers"
)

// Play plays a schedule: its faults and its clients' work. Then it heals every fault, and requires
// that a write succeeds and that all servers catch up.
func (e *Suspect) Play(s *fuzz.Schedule, o fuzz.Playing) (out fuzz.Result, err error) {
	t, err := trial.New(e.host, e.Library, e.config(s, &o))
	if err != nil {
		return out, err
	}
	if out.Run = t; !o.Keep {
		defer func() { t.Close(); out.Run = nil }()
	}
	plan := slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		return f.When.Trigger == 0 && f.When.At >= s.Length || !known(t, &f)
	})
	if err := t.World.Schedule(plan); err != nil {
		return out, err
	}
	p := playing{Trial: t, s: s, o: &o, out: &out}
	out.During = fuzz.DuringFaults
	if t.Run(s.Length, nil) {
		out.During = fuzz.DuringHealing
		p.rest()
	}
	p.count()
	if out.Property == "" {
		out.During = ""
	}
	p.judge()
	if o.Over != nil {
		o.Over(&out)
	}
	return out, nil
}

// known reports whether the machines of a fault exist: a client without work is no machine.
func known(t *trial.Trial, f *sim.Fault) bool { return t.World.Check(*f) == nil }

// playing is a schedule that is being played.
type playing struct {
	*trial.Trial
	s   *fuzz.Schedule
	o   *fuzz.Playing
	out *fuzz.Result
}

func (p *playing) fail(property, format string, args ...any) {
	if p.out.Property == "" && p.Err() == nil && !slices.Contains(p.o.Mute, property) {
		p.out.Property, p.out.Text = property, fmt.Sprintf(format, args...)
	}
}

// patience is how long healed servers may take, with every library: the longest wait of
// hashicorp/raft before it tries to reach a server again is 10 s, it may have to wait twice, and
// there may be some elections.
func (p *playing) patience() sim.Time { return 20*sim.Second + 20*p.Config.Heartbeat }

// rest heals everything, and waits until a write succeeds and all servers have caught up.
func (p *playing) rest() {
	p.World.Disarm()
	if p.Heal() != nil {
		return // Err says why
	}
	for _, f := range p.s.Plan {
		if end, ok := f.Undo(); ok && known(p.Trial, &end) {
			_ = p.World.Inject(end) // Err says why not
		}
	}
	began, calls := p.World.Now(), len(p.Ops())
	p.AddClient(trial.Client{Name: "Z", Most: 1, Mix: registers.Mix{
		Registers: 1, Pause: sim.Millisecond,
	}})
	wrote := func() bool {
		for _, o := range p.Ops()[calls:] {
			if o.Client == "Z" && o.Status == contract.OK {
				return true
			}
		}
		return false
	}
	if p.Run(began+p.patience(), wrote); !wrote() {
		why := ""
		for _, o := range p.Ops()[calls:] {
			if o.Client == "Z" && o.Why != "" {
				why = fmt.Sprintf("; the last answer came from %s: %s", o.Server, o.Why)
			}
		}
		p.fail("LiveAfterHealing", "%s after all faults were healed, no write of the test "+
			"client Z has succeeded%s",
			p.patience(), why)
		return
	}
	p.out.Healed = p.World.Now() - began
	for _, m := range p.World.Machines() {
		if m.Kind == "client" && m.Up() {
			_ = p.World.Inject(sim.Crash(m.Name))
		}
	}
	began = p.World.Now()
	if p.Run(began+p.patience(), p.CaughtUp); !p.CaughtUp() {
		p.fail("LiveAfterHealing", "%s after all faults were healed and all clients ended, %s",
			p.patience(), p.Lags())
		return
	}
	p.out.Rested = p.World.Now() - began
}

// count takes the counts and the violation of the run.
func (p *playing) count() {
	out, w := p.out, p.World
	out.Events, out.Virtual, out.Fingerprint = w.Stats().Events, w.Now(), w.Fingerprint()
	for _, o := range p.Ops() {
		out.Operations++
		switch o.Status {
		case contract.OK:
			out.Succeeded++
		case contract.Unknown:
			out.Sometimes.Unknown++
		}
	}
	n := p.Counts()
	out.Sometimes.Elections, out.Sometimes.Snaps = n.Leaders, n.Restored
	out.Sometimes.Faults, out.Sometimes.Lost = int(w.Stats().Faults), n.Lost
	var v *trial.Violation
	switch err := p.Err(); {
	case errors.As(err, &v):
		out.Property, out.Text = v.Name, v.Error()
	case err != nil:
		out.Property, out.Text = "Assertion", err.Error()
	}
}

// judgeLimit is how long porcupine may take for a run.
const judgeLimit = 5 * time.Second

// judge has porcupine check the registers, and lists the checks.
func (p *playing) judge() {
	v, err := lin.Check(p.History(), lin.Options{Model: lin.Register, Timeout: judgeLimit})
	c := judge.Check{Name: "Linearizable", Verdict: v.Result, Promised: true}
	switch {
	case err != nil:
		c.Verdict, c.Text = lin.Broken, err.Error()
	case v.Result == lin.Broken && len(v.Misses) > 0:
		c.Text = v.Misses[0].Text
	}
	switch c.Verdict {
	case lin.Broken:
		p.fail(c.Name, "%s", c.Text)
	case lin.Undecided:
		p.out.Undecided = append(p.out.Undecided, c.Name)
	}
	for _, name := range trial.Checks() {
		verdict := lin.Linearizable
		if p.out.Property == name {
			verdict = lin.Broken
		}
		idle := name == "LiveAfterHealing" && p.out.Rested == 0 && verdict != lin.Broken
		p.out.Checks = append(p.out.Checks, judge.Check{
			Name: name, Verdict: verdict, Promised: true, Idle: idle,
		})
	}
	c.Idle = len(p.History()) == 0
	p.out.Checks = append(p.out.Checks, c)
}
