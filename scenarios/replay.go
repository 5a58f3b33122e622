package scenarios

import (
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab/flaw"
)

// seedRun is the outcome of one seed.
type seedRun struct {
	seed   uint64
	scenes []*sceneRun // by diagram; nil if it was not played
	worlds []World
	cut    bool
	hits   flaw.Hits
	err    error
}

// Replay plays a script with each seed that the options select, on all processors.
func Replay(s *script.Script, o Options) (*Result, error) {
	first := s.Worlds[0].Stage.Seed
	if o.Seed != nil {
		first = *o.Seed
	}
	if o.PlanWorld < 0 || o.PlanWorld > len(s.Worlds) {
		return nil, fmt.Errorf("%s: the faults are for world %d, but the worlds of this document "+
			"are 1 to %d: choose one of these", s.Doc.Name, o.PlanWorld, len(s.Worlds))
	}
	n := max(1, o.Seeds)
	res := &Result{Name: s.Doc.Name, Title: s.Doc.Title, Notices: s.Notices, Read: s.Read()}
	total := newTally(s, first, n)
	var failed error
	var hits flaw.Hits
	seeds.Run(n, 0, func(i int) *seedRun {
		return playSeed(s, first+uint64(i), &o, i == 0)
	}, func(i int, r *seedRun) bool {
		if r.err != nil {
			failed = r.err
			return false
		}
		total.add(r)
		hits += r.hits
		if i == 0 {
			res.Worlds = r.worlds
		}
		res.Done = i + 1
		if o.Progress != nil {
			o.Progress(i + 1)
		}
		return o.Stop == nil || !o.Stop()
	})
	if failed != nil {
		for i := range res.Worlds {
			res.Worlds[i].Close()
		}
		return nil, failed
	}
	res.Diagrams = total.finish(res.Done)
	if o.Flaw != flaw.None {
		res.Notices = append([]string{fmt.Sprintf(
			"the flaw %s is injected: its code was %s", o.Flaw, hits)}, res.Notices...)
	}
	if err := explain(s, res, &o); err != nil {
		return res, err
	}
	return likelier(s, o, res)
}

// explain plays a seed that broke a check again, with records, to find the events that led to the
// breach. A run on real servers cannot be repeated.
func explain(s *script.Script, res *Result, o *Options) error {
	if o.Engine != nil {
		return nil
	}
	for i := range res.Diagrams {
		d := &res.Diagrams[i]
		if !slices.ContainsFunc(d.Checks, func(c judge.Check) bool { return len(c.Breaches) > 0 }) {
			continue
		}
		seed := d.FailureSeed
		if seed == 0 {
			seed = d.Seed
		}
		if o.Keep && seed == d.Seed {
			continue // the run with records is explained already
		}
		again := *o
		again.Keep = true
		run := playSeed(s, seed, &again, true)
		for k := range run.worlds {
			run.worlds[k].Close()
		}
		if run.err != nil || run.scenes[i] == nil {
			return run.err
		}
		for k := range d.Checks {
			for _, c := range run.scenes[i].checks {
				if c.Name == d.Checks[k].Name && c.Verdict == lin.Broken &&
					d.Checks[k].Verdict == lin.Broken {
					d.Checks[k].Breaches = c.Breaches
				}
			}
		}
	}
	return nil
}

// playSeed plays the whole document with one seed.
func playSeed(s *script.Script, seed uint64, o *Options, first bool) *seedRun {
	out := &seedRun{seed: seed, scenes: make([]*sceneRun, len(s.Diagrams))}
	n := 0
	for _, w := range s.Worlds {
		if out.cut || out.err != nil {
			n += len(w.Scenes)
			continue
		}
		n = playWorld(s, w, out, n, o, first)
	}
	return out
}

// playWorld plays and judges the diagrams of one world, and checks liveness after the last. n is
// the number of the first diagram; it returns the number of the next world's first.
func playWorld(s *script.Script, w *script.World, out *seedRun, n int, o *Options, first bool) int {
	p, err := newPlayer(s, w, out.seed, o, first || w.DrawsMessages())
	if err != nil {
		out.err = err
		return n
	}
	kept := false
	defer func() {
		if !kept {
			p.e.Close()
		}
	}()
	var last *sceneRun
	var verdicts []lin.Verdict
	alive := true
	for _, scene := range w.Scenes {
		if alive {
			alive = p.play(scene)
			last = p.run
			out.scenes[n] = last
			last.checks, verdicts = p.judgeRun(o)
		}
		n++
	}
	if p.err != nil {
		out.err = p.err
		return n
	}
	last.facts.Faults = append(last.facts.Faults, p.late()...)
	out.cut = p.cut
	if p.sim != nil {
		out.hits += p.sim.FlawHits()
	}
	worlds := len(out.worlds)
	switch teller, tells := p.e.(engine.Storyteller); {
	case !first || !o.Keep:
	case tells:
		out.worlds = append(out.worlds, p.toldWorld(teller.Story(), verdicts))
	case p.sim != nil:
		kept = true
		out.worlds = append(out.worlds, p.world(verdicts, o))
		kw := &out.worlds[worlds]
		kw.Drawn = drawn(w.Scenes, out.scenes[n-len(w.Scenes):n], kw.Records)
		out.err = out.explain(worlds, n-len(w.Scenes), n)
	}
	if !p.cut && last.failure == nil {
		live := checkLive(p.e, &w.Stage)
		if out.cut = p.interrupted(); !out.cut {
			last.checks = append(last.checks, live)
		}
	}
	if len(out.worlds) > worlds {
		out.worlds[worlds].Checks = last.checks
	}
	return n
}

// explain adds to each breach in the diagrams from..to of a world the events that led to it.
func (r *seedRun) explain(world, from, to int) error {
	var events []trace.Event
	for _, scene := range r.scenes[from:to] {
		if scene == nil || !slices.ContainsFunc(scene.checks,
			func(c judge.Check) bool { return len(c.Breaches) > 0 }) {
			continue
		}
		if events == nil {
			var err error
			if events, err = r.worlds[world].Events(); err != nil {
				return err
			}
		}
		judge.Explain(scene.checks, events)
	}
	return nil
}

// world returns the run of a world after its last diagram. The checks are added later.
func (p *player) world(verdicts []lin.Verdict, o *Options) World {
	doc := p.script.Doc
	kw := World{
		Ensemble: p.sim, Nodes: p.sim.Recording().Nodes, Stage: p.spec.Stage, Name: doc.Name,
		Title: doc.Title, Seed: p.seed, Until: p.now(),
		Fingerprint: p.sim.World.Fingerprint(), Records: len(p.sim.World.Records()),
		Record:     p.record(),
		HistoryOps: p.sim.HistoryOps(), Verdicts: verdicts,
	}
	kw.Stage.Resample = p.sim.Config().Resample
	for _, n := range kw.Nodes {
		if r := p.resources[n.ID]; r != nil {
			kw.Resources = append(kw.Resources, stage.Resource(r.name, r.fenced))
		}
	}
	for _, f := range o.Plan {
		kw.Actions = append(kw.Actions, f.String())
	}
	return kw
}

// toldWorld returns the run of a world on an engine that has a story instead of records.
func (p *player) toldWorld(story *engine.Story, verdicts []lin.Verdict) World {
	doc := p.script.Doc
	return World{
		Stage: p.spec.Stage, Name: doc.Name, Title: doc.Title + ", on real servers", Seed: p.seed,
		Until: p.now(),
		Nodes: story.Nodes, Story: narration.Events(story), Record: p.record(),
		Verdicts: verdicts,
	}
}
