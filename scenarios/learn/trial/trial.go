// Package trial runs a learner's program on a few simulated clients, with schedules of the fuzzer,
// and reports which checks the program breaks. Package learn runs package trial inside the sandbox,
// together with the learner's program. Package trial does not import package learn.
//
// [Lock], [TokenLock], [RWLock] and [Queue] make a [Subject] of the functions that a learner has
// written. The subject itself reports what a client waits for, holds and gives up (package recipe),
// so the learner's program cannot avoid a check by reporting nothing. [Run] plays a subject, and
// shrinks the first schedule in which a check breaks.
//
// A program that does nothing breaks no check. So each run counts how often clients got what they
// waited for, and Run reports the first run in which no client got anything.
package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Settings say what is played.
type Settings struct {
	Recipe recipe.Recipe
	// Schedules are texts of schedules, which are played before those of the seeds.
	Schedules []string
	Seeds     int // how many schedules to generate
	Shrinking int // how many runs the shrinking may take
}

// Report is what a trial found.
type Report struct {
	Runs     int
	Got      int    // how often a client got what it waited for, in all runs
	Faults   int    // faults that took effect
	Property string // that broke; empty if none did
	Text     string
	Schedule string   // the least schedule in which it breaks
	Why      []string // what led there, line by line
	Drawing  string   // the same as Mermaid
}

// The constant Nothing is the name of the property that breaks if no client ever gets what it waits
// for.
const Nothing = "NothingGained"

// Idle is the name of the property that breaks if clients wait in vain in a run in which none of
// them makes a call.
const Idle = "Idle"

// Stays is the property that breaks if the node of a holder is not ephemeral.
const Stays = "NotEphemeral"

// Kept is the property that breaks if the node of a lock still exists after the lock was released.
const Kept = "NotGivenBack"

// Refused is the property that breaks if the store refuses the token of a lock's holder although
// there is no fault.
const Refused = "HolderRefused"

// GivesUp is the property that breaks if a function of the program returns an error although the
// session goes on and no fault acts.
const GivesUp = "GivesUp"

// Vanishes is the property that breaks if the node of an item is ephemeral.
const Vanishes = "ItemVanishes"

// Apart is the property that breaks if readers of a lock never hold it together.
const Apart = "ReadersApart"

// Panics is the property that breaks if the program panics.
const Panics = "Panics"

// Subject is a program to test, made of the learner's functions.
type Subject struct {
	program func(p *client.Proc, n *notes)
}

// Run plays a subject with one schedule after the other, until a property breaks. After each run it
// calls the function alive, which tells the caller that the program has not hung.
func Run(s Subject, o Settings, alive func()) (r Report, err error) {
	var list []fuzz.Schedule
	for i, text := range o.Schedules {
		one, err := fuzz.Parse(fmt.Sprintf("schedule %d", i+1), text)
		if err != nil {
			return r, err
		}
		list = append(list, one)
	}
	if o.Recipe.Ordered {
		list = append(list, quiet())
	}
	list = append(list, generated(o.Seeds)...)
	for i := range list {
		list[i].Calm = max(list[i].Calm, 3*list[i].LeastCalm())
	}
	t := trial{subject: s, settings: &o, alive: alive}
	herded := -1 // the first run with a herd: it is told only if nothing worse breaks
	for i := range list {
		result, n, err := t.play(&list[i], false)
		if err != nil {
			return r, err
		}
		r.Runs, r.Got, r.Faults = r.Runs+1, r.Got+n.got, r.Faults+result.Sometimes.Faults
		switch property, text := n.found(&result, &list[i]); {
		case property == "":
		case property != Herd:
			r.Property, r.Text = property, text
			return r, t.tell(&list[i], &r)
		case herded < 0:
			herded, r.Text = i, text
		}
	}
	if herded >= 0 {
		r.Property = Herd
		return r, t.tell(&list[herded], &r)
	}
	return r, nil
}

// generated returns n schedules of the fuzzer: small ensembles, whose clients work on for a while
// after the faults.
func generated(n int) (list []fuzz.Schedule) {
	const length, calm = 10 * sim.Second, 6 * sim.Second
	for seed := uint64(1); len(list) < n; seed++ {
		s := fuzz.Swarm.Generate(seed)
		if s.Servers != 3 || s.Observers != 0 || len(s.Clients) < 2 {
			continue
		}
		s.Length, s.Calm, s.Blackouts, s.Kinds = length, calm, 0, nil
		s.Clients = make([][]string, len(s.Clients)) // no workloads
		list = append(list, s)
	}
	return list
}

// trial plays the schedules of one subject.
type trial struct {
	subject  Subject
	settings *Settings
	alive    func()
}

// playing returns how the subject is played, and who takes its notes.
func (t *trial) playing(s *fuzz.Schedule, n *notes) fuzz.Playing {
	n.length, n.calm = s.Length, s.Length+s.SessionTimeout+10*s.Tick+sim.Second
	n.rates = make(map[string]int64)
	for _, f := range s.Plan {
		if f.Kind == sim.FaultClock {
			for _, who := range f.Who {
				n.rates[who] = max(n.rates[who], f.Rate)
			}
		}
	}
	return fuzz.Playing{ClientsOnly: true, Workers: 1, Is: []recipe.Recipe{t.settings.Recipe},
		Programs: []func(*client.Proc){func(p *client.Proc) { t.subject.program(p, n) }}}
}

func (t *trial) play(s *fuzz.Schedule, keep bool) (r fuzz.Result, n notes, err error) {
	o := t.playing(s, &n)
	o.Keep = keep
	if is := &t.settings.Recipe; is.Ordered && len(s.Plan) == 0 {
		o.Over = func(out *fuzz.Result) {
			record := out.Ensemble.Record()
			n.herd, n.herdAt = herd(&record, is.Path)
		}
	}
	r, err = s.Play(o)
	t.alive()
	return r, n, err
}

// named returns the property of a run and its sentence. A panic in a run is the program's.
func named(r *fuzz.Result) (property, text string) {
	if r.Property == fuzz.HarnessCrash {
		first, _, _ := strings.Cut(r.Text, "\n")
		first, _, _ = strings.Cut(strings.TrimPrefix(first, fuzz.CrashText), ", in ")
		return Panics, first
	}
	text = r.Text
	if _, rest, ok := strings.Cut(text, " broken at step "); ok { // where is in the drawing
		if _, rest, ok = strings.Cut(rest, "s: "); ok {
			text = rest
		}
	}
	return r.Property, text
}

// found returns what broke in a run, and its sentence.
func (n *notes) found(result *fuzz.Result, s *fuzz.Schedule) (property, text string) {
	switch {
	case n.stays != "": // first: what it leads to is harder to understand
		return Stays, n.stays
	case n.vanishes != "":
		return Vanishes, n.vanishes
	case n.kept != "" && slices.Contains([]string{"", "Progress", "NoStuckWaiter"}, result.Property):
		return Kept, n.kept // for which others may wait in vain
	case result.Property != "":
		return named(result)
	case n.refused != "":
		return Refused, n.refused
	case n.gaveUp != "":
		return GivesUp, n.gaveUp
	case n.shared.apart():
		return Apart, fmt.Sprintf("%d times a client came to read while another client read and "+
			"none wanted to write, but it was never let in before the other one had left",
			n.shared.chances)
	case n.got == 0:
		return Nothing, fmt.Sprintf("in a run of %s no client ever got what it was waiting for",
			s.Length+s.Calm)
	case n.herd != "":
		return Herd, n.herd
	}
	return "", ""
}

// tell shrinks the schedule of a report, and tells what happens in its run.
func (t *trial) tell(s *fuzz.Schedule, r *Report) error {
	runs := 0
	o := t.playing(s, new(notes))
	o.Stop = func() bool { t.alive(); runs++; return runs > t.settings.Shrinking }
	least, _ := fuzz.ShrinkBy(*s, o, func(c *fuzz.Schedule) bool {
		result, n, err := t.play(c, false)
		property, _ := n.found(&result, c)
		return err == nil && property == r.Property
	})
	r.Schedule = least.String()
	if r.Property == Panics {
		return nil // it left no run to tell of
	}
	result, n, err := t.play(&least, true)
	if err != nil {
		return err
	}
	defer result.Close()
	if property, text := n.found(&result, &least); property != "" {
		r.Property, r.Text = property, text
	}
	if calls(&result) == 0 { // a drawing would be empty
		r.idle(&least)
		return nil
	}
	told, err := least.Tell(&result)
	if err != nil {
		return err
	}
	r.Drawing = told.Drawing
	switch {
	case r.Property == Herd:
		r.Drawing = fuzz.SketchAt(told.Run, n.herdAt)
	case r.Drawing == "":
		r.Drawing = least.Sketch(told.Run)
	}
	if told.Why != nil {
		for _, line := range told.Why.Story {
			r.Why = append(r.Why, fmt.Sprintf("%8s  %-3s %s", seconds(line.At), line.Who, line.Say))
		}
	}
	if _, err := diagram.Parse("run.mmd", []byte(r.Drawing)); err != nil {
		r.Drawing = ""
	}
	return nil
}

// calls counts the calls of the program's clients in a run.
func calls(result *fuzz.Result) (n int) {
	for _, o := range result.Ensemble.Ops() {
		if o.Client != fuzz.Healer {
			n++
		}
	}
	return n
}

// idle says that the program made no call in the run of a schedule. It replaces a sentence about
// what clients waited for: none of them asked for it.
func (r *Report) idle(s *fuzz.Schedule) {
	if slices.Contains([]string{"Progress", "NoStuckWaiter", Nothing}, r.Property) {
		r.Property = Idle
		r.Text = fmt.Sprintf("in a run of %s no client made a call, so there is nothing to draw",
			s.Length+s.Calm)
		return
	}
	r.Text += "; no client made a call in this run, so there is nothing to draw"
}

// seconds prints a moment in µs as seconds.
func seconds(us int64) string { return fmt.Sprintf("%d.%03ds", us/1e6, us%1e6/1e3) }
