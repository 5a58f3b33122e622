package results

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Schema names the format of a [Line].
const Schema = "zablab.fuzz/1"

// Line is the outcome of some seeds, as a line of JSON. Keys are stable: add keys, but never rename
// a key.
type Line struct {
	Schema     string            `json:"schema"`
	Commit     string            `json:"commit,omitempty"`
	Mix        fuzz.Mix          `json:"mix"`
	Flaw       string            `json:"flaw,omitempty"`
	First      string            `json:"first_seed"`
	Seeds      int               `json:"seeds"`
	Events     uint64            `json:"events"`
	Virtual    int64             `json:"virtual_us"`
	Operations int               `json:"operations"`
	Succeeded  int               `json:"succeeded"`
	Tens       map[string]int    `json:"succeeded_tens"` // runs, by tens of successes
	Elapsed    int64             `json:"elapsed_ms"`
	Broken     int               `json:"broken"`
	Violations []Failure         `json:"violations"`
	Sometimes  map[string]int    `json:"sometimes"`
	Undecided  []string          `json:"undecided_seeds"`
	Differing  []string          `json:"differing_seeds"`
	Differ     []fuzz.Difference `json:"differences,omitempty"` // where they differ
	Rates      *rates.Rates      `json:"rates,omitempty"`       // of runs in which nothing broke
	Muted      map[string]int    `json:"muted,omitempty"`       // runs, by muted property
	Reach      ensemble.Tally    `json:"reach,omitempty"`       // what the runs reached
	Held       int               `json:"held"`                  // offices
	Outlived   int               `json:"outlived"`              // beliefs, longer than a node
	Longest    int64             `json:"longest_outlived_us"`   // up to the end of the line
}

// Failure is a failure that the fuzzer found, as a [Line] stores it.
type Failure struct {
	Seed     string   `json:"seed"`
	Property string   `json:"property"`
	Text     string   `json:"text"`
	Plan     string   `json:"plan"`     // the least that breaks the property
	Schedule string   `json:"schedule"` // the plan with its stage and its clients
	Command  string   `json:"command"`
	Also     []string `json:"also"` // other seeds with the same failure
	// During is the part of the run in which the property broke: faults, healing or blackouts.
	During string `json:"during,omitempty"`
}

// Of converts a failure of a batch to the form in which a [Line] stores it.
func Of(f *fuzz.Failure) Failure {
	command := "zablab fuzz --seed " + seeds.Text(f.Seed)
	if f.Varied {
		command = "zablab fuzz --schedule FILE, with the schedule of this failure in FILE"
	}
	return Failure{seeds.Text(f.Seed), f.Property, f.Text, f.Least.Plan.String(), f.Least.String(),
		command, seeds.Texts(f.Also), f.During}
}

// Mark remembers how far the results of a batch were written, so that the next [Line] has only
// newer results.
type Mark struct {
	b     fuzz.Batch // its counts
	tens  []int
	rates rates.Rates
	muted map[string]int
	reach ensemble.Tally
	also  []int // by failure: how many other seeds it had
}

// MarkOf returns a [Mark] at the end of the results that the batch has now. Results that are added
// later come after this mark: see [Since].
func MarkOf(b *fuzz.Batch) Mark {
	m := Mark{b: *b, tens: slices.Clone(b.Tens), rates: b.Rates.Clone(), muted: maps.Clone(b.Muted),
		reach: b.Reach.Clone()}
	for i := range b.Failures {
		m.also = append(m.also, len(b.Failures[i].Also))
	}
	return m
}

// Since returns a line with a batch's results since mark m; the zero Mark is the beginning of the
// batch. elapsed is in milliseconds.
func Since(b *fuzz.Batch, m Mark, elapsed int64) Line {
	l := Line{
		Schema: Schema, Commit: stage.Commit(), Mix: b.Mix,
		First: seeds.Text(b.First + uint64(m.b.Done)), Seeds: b.Done - m.b.Done,
		Events: b.Events - m.b.Events, Virtual: int64(b.Virtual - m.b.Virtual),
		Operations: b.Operations - m.b.Operations,
		Succeeded:  b.Succeeded - m.b.Succeeded, Tens: map[string]int{}, Elapsed: elapsed,
		Broken:     b.Broken - m.b.Broken,
		Violations: []Failure{}, Sometimes: map[string]int{},
		Undecided: seeds.Texts(b.Undecided[len(m.b.Undecided):]), Differing: []string{},
		Differ: b.Differing[len(m.b.Differing):],
	}
	l.Held, l.Outlived = b.Promises.Holds-m.b.Promises.Holds, b.Promises.Past-m.b.Promises.Past
	l.Longest = b.Promises.Longest
	more := b.Rates.Sub(&m.rates)
	l.Rates = &more
	if b.Reach.Tally != nil {
		l.Reach = b.Reach.Since(m.reach)
	}
	for name, n := range b.Muted { // order: each name alone
		if l.Muted == nil {
			l.Muted = map[string]int{}
		}
		l.Muted[name] = n - m.muted[name]
	}
	for _, d := range l.Differ {
		l.Differing = append(l.Differing, seeds.Text(d.Seed))
	}
	if b.Flaw != flaw.None {
		l.Flaw = b.Flaw.String()
	}
	for i, n := range b.Tens {
		if i < len(m.tens) {
			n -= m.tens[i]
		}
		if n > 0 {
			l.Tens[strconv.Itoa(10*i)] = n
		}
	}
	was := m.b.Sometimes.List()
	for i, c := range b.Sometimes.List() {
		l.Sometimes[c.What] = c.N - was[i].N
	}
	for i, n := range m.also {
		f := b.Failures[i]
		if n < len(f.Also) { // the same failure, of more seeds
			f.Seed, f.Also = f.Also[n], f.Also[n+1:]
			l.Violations = append(l.Violations, Of(&f))
		}
	}
	for i := len(m.also); i < len(b.Failures); i++ {
		l.Violations = append(l.Violations, Of(&b.Failures[i]))
	}
	return l
}

// Read reads a file of results. An error in the text is a [*diagram.Error]. Read ignores an
// incomplete last line, which a machine leaves when it dies.
func Read(name string, r io.Reader) (lines []Line, err error) {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, end := in.ReadBytes('\n')
		if end != nil && end != io.EOF {
			return nil, fmt.Errorf("%s: %w", name, end)
		}
		if len(bytes.TrimSpace(text)) > 0 {
			var l Line
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			switch err := d.Decode(&l); {
			case err != nil && end == io.EOF && len(lines) > 0:
				return lines, nil
			case err != nil:
				return nil, &diagram.Error{File: name, Line: n, Column: 1, Message: err.Error() +
					`: the line is not a result: give a file that zablab fuzz --results has written`}
			case l.Schema != Schema:
				return nil, &diagram.Error{File: name, Line: n, Column: 1,
					Message: fmt.Sprintf("the line has the schema %q, but this program reads "+
						"only %s: read the file with the version of zablab that wrote it",
						l.Schema, Schema)}
			}
			lines = append(lines, l)
		}
		if end == io.EOF {
			return lines, nil
		}
	}
}

// Span is a range of seeds of one mix, one flaw and one commit.
type Span struct {
	Mix         fuzz.Mix
	Flaw        string
	Commit      string
	First, Last uint64
	Twice       int // seeds that are in more than one line
}

// Merged is a batch that combines many lines.
type Merged struct {
	fuzz.Batch
	Elapsed int64 // ms, of all of them
	Spans   []Span
}

// Merge combines lines, in any order, into one batch. The median number of successful operations in
// a run is rounded down to a multiple of ten.
func Merge(lines []Line) (m Merged, err error) {
	lines = slices.Clone(lines)
	firsts := make([]uint64, len(lines))
	for i := range lines {
		if firsts[i], err = seeds.Parse(lines[i].First); err != nil {
			return m, err
		}
	}
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &lines[a], &lines[b]
		return cmp.Or(cmp.Compare(x.Mix, y.Mix), cmp.Compare(x.Flaw, y.Flaw),
			cmp.Compare(x.Commit, y.Commit), cmp.Compare(firsts[a], firsts[b]))
	})
	for _, i := range order {
		if err := m.take(&lines[i], firsts[i]); err != nil {
			return m, err
		}
	}
	seen := 0
	for i, n := range m.Tens {
		if seen += n; 2*seen >= m.Done {
			m.Median = 10 * i
			break
		}
	}
	return m, nil
}

// take adds the results of a line.
func (m *Merged) take(l *Line, first uint64) error {
	if m.Done == 0 {
		m.First, m.Mix = first, l.Mix
	}
	m.Done += l.Seeds
	m.Events += l.Events
	m.Virtual += sim.Time(l.Virtual)
	m.Operations += l.Operations
	m.Succeeded += l.Succeeded
	m.Broken += l.Broken
	m.Elapsed += l.Elapsed
	for key, n := range l.Tens { // order: sums
		ten, err := strconv.Atoi(key)
		if err != nil || ten < 0 || ten > 1_000_000 {
			return fmt.Errorf("key %q of \"succeeded_tens\" is not a number from 0 to 1000000", key)
		}
		for len(m.Tens) <= ten/10 {
			m.Tens = append(m.Tens, 0)
		}
		m.Tens[ten/10] += n
	}
	m.Sometimes.AddMap(l.Sometimes)
	m.Promises.Add(&promise.Figures{Holds: l.Held, Past: l.Outlived, Longest: l.Longest})
	if l.Rates == nil || l.Mix != m.Mix {
		m.Unlike = "some of the merged results have no rates, or the results are of different " +
			"mixes"
	} else {
		m.Rates.Merge(l.Rates)
	}
	if l.Reach != nil {
		if m.Reach.Tally == nil {
			m.Reach = fuzz.Reach{Tally: make(ensemble.Tally), Mix: l.Mix}
		}
		m.Reach.Merge(l.Reach)
		if l.Mix != m.Reach.Mix {
			m.Reach.Mix = fuzz.Swarm
		}
	}
	for name, n := range l.Muted { // order: sums
		if m.Muted == nil {
			m.Muted = map[string]int{}
		}
		m.Muted[name] += n
	}
	for _, text := range l.Undecided {
		seed, err := seeds.Parse(text)
		if err != nil {
			return err
		}
		m.Undecided = append(m.Undecided, seed)
	}
	m.Differing = append(m.Differing, l.Differ...)
	for i := range l.Violations {
		if err := m.fail(&l.Violations[i]); err != nil {
			return err
		}
	}
	m.span(l, first)
	return nil
}

// fail adds a failure, unless a failure like it is known.
func (m *Merged) fail(v *Failure) error {
	f := fuzz.Failure{Property: v.Property, Text: v.Text}
	var err error
	if f.Seed, err = seeds.Parse(v.Seed); err != nil {
		return err
	}
	for _, text := range v.Also {
		seed, err := seeds.Parse(text)
		if err != nil {
			return err
		}
		f.Also = append(f.Also, seed)
	}
	if f.Least, err = fuzz.Parse("violation "+v.Seed, v.Schedule); err != nil {
		return err
	}
	for i := range m.Failures {
		if g := &m.Failures[i]; g.Property == f.Property && g.Least.Shape() == f.Least.Shape() {
			g.Also = append(append(g.Also, f.Seed), f.Also...)
			return nil
		}
	}
	m.Failures = append(m.Failures, f)
	return nil
}

// span adds the seeds of a line to the spans.
func (m *Merged) span(l *Line, first uint64) {
	if l.Seeds == 0 {
		return
	}
	next := Span{l.Mix, l.Flaw, l.Commit, first, first + uint64(l.Seeds) - 1, 0}
	if n := len(m.Spans); n > 0 {
		s := &m.Spans[n-1]
		if s.Mix == next.Mix && s.Flaw == next.Flaw && s.Commit == next.Commit &&
			first <= s.Last+1 {
			if first <= s.Last {
				s.Twice += int(min(s.Last, next.Last) - first + 1)
			}
			s.Last = max(s.Last, next.Last)
			return
		}
	}
	m.Spans = append(m.Spans, next)
}
