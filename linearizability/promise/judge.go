package promise

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/recipe"
)

// These are the names of the promises. They never change, because stored schedules of the fuzzer
// contain them.
const (
	MutualExclusion = "MutualExclusion"
	ReadersWriters  = "ReadersWriters"
	InOrder         = "InOrder"
	OwnNode         = "OwnNode"
	OwnRelease      = "OwnRelease"
	StepsDown       = "StepsDown"
	FreshToken      = "FreshToken"
	TakenOnce       = "TakenOnce"
	PutOnce         = "PutOnce"
	NothingLost     = "NothingLost"
	OldestFirst     = "OldestFirst"
	BarrierSize     = "BarrierSize"
	BarrierLeave    = "BarrierLeave"
	Progress        = "Progress"
	MarksInOrder    = "MarksInOrder"
	FencedInOrder   = "FencedInOrder"
	WritesInOrder   = "WritesInOrder"
	StopsInTime     = "StopsInTime"
)

// Breach is a broken promise, with its place in the history.
type Breach struct {
	Text   string
	At     int64   // µs
	Places []int64 // of the marks and nodes that show it, among all events of the run
}

// Verdict is the result of one check.
type Verdict struct {
	Check    string
	Result   lin.Answer
	Text     string
	Judged   int // how many cases there were; 0 means that nothing was checked
	Breaches []Breach
}

// Figures are measurements. No promise sets a limit for them. Spans are in µs.
type Figures struct {
	Holds   int   // how often an office was held
	Past    int   // of them, for longer than the holder's node existed
	Longest int64 // the longest time for which a belief outlived the node of the holder

	// Of programs that declare what they are: how often a program waited for an office, and how
	// often another held it meanwhile; how many items were taken, and how often a barrier was
	// passed.
	Waits, Met, Taken, Passed int
}

// Add adds the figures of another run: it sums the counts, and sets Longest to the longer of the
// two.
func (f *Figures) Add(o *Figures) {
	f.Holds += o.Holds
	f.Past += o.Past
	f.Longest = max(f.Longest, o.Longest)
	f.Waits, f.Met = f.Waits+o.Waits, f.Met+o.Met
	f.Taken, f.Passed = f.Taken+o.Taken, f.Passed+o.Passed
}

// Report has the verdicts of all promises, in a fixed order, and the figures.
type Report struct {
	Verdicts []Verdict
	Figures  Figures
}

// Of returns the verdict of the named promise, or nil.
func (r *Report) Of(check string) *Verdict {
	for i := range r.Verdicts {
		if r.Verdicts[i].Check == check {
			return &r.Verdicts[i]
		}
	}
	return nil
}

// mostBreaches is how many breaches of a promise are kept.
const mostBreaches = 20

// promises has all promises, each with the text of its verdict if no case breaks it. Of several
// broken promises, the first describes best what went wrong.
var promises = []struct{ name, holds string }{
	{MutualExclusion, "no two programs held the same lock or leadership while the znodes of both " +
		"existed"},
	{ReadersWriters, "no writer held a lock at the same time as a reader or another writer"},
	{InOrder, "each program waited in line until all earlier nodes that conflict with its own " +
		"node were deleted"},
	{OwnNode, "each client that held a lock had a znode for it, which its own session had created"},
	{OwnRelease, "the znode of a lock was deleted only by its owner, after the owner had given up the lock"},
	{StepsDown, "no holder continued after its client had learned that its session was over"},
	{FreshToken, "each fencing token was larger than those of all earlier holders"},
	{TakenOnce, "no item was taken twice, and each item was taken by the program that deleted it"},
	{PutOnce, "each put created one item, or at most one if its answer was lost"},
	{NothingLost, "each item that was deleted was also reported by a program, as taken or, if the " +
		"answer was lost, as perhaps taken"},
	{OldestFirst, "no item was taken while an earlier one was in the queue"},
	{BarrierSize, "no program passed a barrier before enough programs had entered"},
	{BarrierLeave, "no program left a barrier before all programs in it wanted to leave"},
	{Progress, "while no fault was active, no program waited too long for a lock, item or barrier " +
		"that was available"},
	{MarksInOrder, "no program reported the end of something that it had not begun"},
	{FencedInOrder, "the fenced resource accepted no write of an earlier holder after a write of " +
		"a later holder"},
	{WritesInOrder, "in nodes that only holders write, no write of an earlier holder came after " +
		"a write of a later holder"},
	{StopsInTime, "each holder that could not renew its lease gave up within the time that it " +
		"had promised"},
}

// Names returns the names of all promises.
func Names() (names []string) {
	for i := range promises {
		names = append(names, promises[i].name)
	}
	return names
}

// judge is one judgement under way.
type judge struct {
	lin.Record
	report Report
	holds  []hold
	lives  map[lin.Path][]int // of each path, in order: indices into Record.Lives
	is     map[lin.Path]*recipe.Recipe
	ends   map[lin.Session]int64 // µs; of the sessions that have ended
	names  map[lin.Path]bool     // declared queues whose items have names of their own
}

// Judge decides for each promise whether the programs kept it, from what they said of themselves:
// the marks of the record ([lin.Mark]). A record without marks has no verdicts.
func Judge(r lin.Record) Report {
	j := &judge{Record: r}
	if len(r.Marks) == 0 {
		return j.report
	}
	for _, p := range promises {
		j.report.Verdicts = append(j.report.Verdicts,
			Verdict{Check: p.name, Result: lin.Linearizable, Text: p.holds})
	}
	j.lives = make(map[lin.Path][]int)
	for i := range r.Lives {
		path := r.Lives[i].Path
		j.lives[path] = append(j.lives[path], i)
	}
	j.declared()
	j.findHolds()
	j.exclusion()
	j.order()
	j.owners()
	j.stepsDown()
	j.tokens()
	j.queues()
	j.barriers()
	j.progress()
	j.sequence()
	j.beliefs()
	j.fenced()
	j.guarded()
	j.renewed()
	j.covered()
	return j.report
}

// judged counts a case of a promise.
func (j *judge) judged(check string) { j.report.Of(check).Judged++ }

// broken records a breach.
func (j *judge) broken(check string, at int64, places []int64, format string, args ...any) {
	v := j.report.Of(check)
	b := Breach{Text: fmt.Sprintf(format, args...), At: at, Places: places}
	if v.Result != lin.Broken {
		v.Result, v.Text = lin.Broken, b.Text
	}
	if len(v.Breaches) < mostBreaches {
		v.Breaches = append(v.Breaches, b)
	}
}

// life returns the life of a session's own node that began last before a place; nil without one.
func (j *judge) life(path lin.Path, maker lin.Session, before int64) *lin.Life {
	list := j.lives[path]
	for i := len(list) - 1; i >= 0; i-- {
		if l := &j.Lives[list[i]]; l.Made <= before && l.Maker == maker && l.Ephemeral {
			return l
		}
	}
	return nil
}
