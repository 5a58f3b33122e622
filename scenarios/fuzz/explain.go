package fuzz

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/why"
)

// mostMuted limits how often the run is continued past a broken property, to see what comes next.
const mostMuted = 3

// Explain says why a run broke its property. The parameter events has the events of the run's
// trace. If the run ended at the failure, Explain plays the schedule again and ignores the property
// (mutes it), so that it can also say what would have happened next. The parameter mute has the
// properties that the run ignored already. [Schedule.Tell] calls Explain.
func (s *Schedule) Explain(f *Result, events []trace.Event, mute []string) *why.Explanation {
	h := s.header(f)
	failure := why.Failure{Property: f.Property, Text: f.Text, Header: &h, Events: events}
	record := f.record()
	failure.Record = &record
	ended := int64(-1)
	for i := range events {
		e := &events[i]
		if e.K == "violation" && (strings.HasPrefix(e.Say, f.Property+":") || ended < 0) {
			ended = int64(i)
			break
		}
	}
	if ended >= 0 {
		failure.Broke = ended
		failure.Events = s.beyond(f, events, ended, mute)
	} else if len(events) > 0 {
		failure.Broke = f.broke(events).I
		if at := namedTime(f.Text); at >= 0 && failure.Broke == int64(len(events)-1) {
			failure.Broke = max(0, int64(sort.Search(len(events),
				func(i int) bool { return events[i].T > at }))-1)
		}
	}
	for i := range f.Checks {
		if c := &f.Checks[i]; c.Name == f.Property && len(c.Breaches) > 0 {
			b := &c.Breaches[0]
			failure.Details = details(b)
			for _, step := range b.Steps {
				failure.Steps = append(failure.Steps, trace.Place(step))
			}
		}
	}
	return why.Explain(&failure)
}

var timePattern = regexp.MustCompile(`\bat (\d+) µs`)

// namedTime returns the first moment that a sentence names, in µs, or -1.
func namedTime(text string) int64 {
	m := timePattern.FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	at, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return -1
	}
	return at
}

// details are the sentences of a breach.
func details(b *judge.Explained) (list []string) {
	for _, p := range [][2]string{{"operation: ", b.Operation}, {"comes after: ", b.After},
		{"right is: ", b.Reference}, {"was seen: ", b.Seen}} {
		if p[1] != "" {
			list = append(list, p[0]+p[1])
		}
	}
	return list
}

// beyond returns the events of the run up to the event that ended it, and what comes next if the
// properties that break there are muted.
func (s *Schedule) beyond(f *Result, events []trace.Event, ended int64, mute []string,
) []trace.Event {
	upTo := slices.Clone(events[:ended+1])
	mute = append(slices.Clone(mute), f.Property)
	var longest []trace.Event
	more := int64(0)
	for range mostMuted {
		r, err := s.Play(Playing{Keep: true, Mute: mute, Programs: f.playing.Programs,
			Is: f.playing.Is})
		if err != nil {
			return upTo
		}
		var b bytes.Buffer
		err = s.WriteTrace(&b, &r)
		if r.Ensemble != nil {
			r.Ensemble.Close()
		}
		if err != nil {
			return upTo
		}
		run, err := trace.Read(fmt.Sprintf("fuzz-%#x", s.Seed), bytes.NewReader(b.Bytes()))
		if err != nil {
			return upTo
		}
		const enough = 500
		if n := int64(len(run.Events)); n > ended+more {
			longest, more = shifted(run.Events, ended), n-ended
		}
		if r.Property == "" || slices.Contains(mute, r.Property) || more > enough {
			break
		}
		mute = append(mute, r.Property)
	}
	return append(upTo, longest...)
}

// shifted returns the events of a run from a step on, with numbers larger by one: the run has no
// event for the violation that another run has there.
func shifted(events []trace.Event, from int64) (list []trace.Event) {
	if from >= int64(len(events)) {
		return nil
	}
	list = events[from:]
	for i := range list {
		list[i].I++
		if list[i].Cause >= from {
			list[i].Cause++
		}
	}
	return list
}
