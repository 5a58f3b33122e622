package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzz/results"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/zab/flaw"
)

// fuzzFlags are the words behind zablab fuzz.
type fuzzFlags struct {
	seed     string
	seeds    string
	limit    time.Duration
	workers  int
	verify   int
	out      string
	schedule string
	trace    string
	flaw     string
	mix      string
	beyond   bool
	shard    string
	results  string
}

func newFuzz() *cobra.Command {
	var f fuzzFlags
	cmd := &cobra.Command{
		Use:   "fuzz",
		Short: "Draw schedules of faults from seeds, check every run, and shrink what breaks",
		Long: "Each seed draws an ensemble, what its clients do and what happens to them; the run is held to every\n" +
			"check; then all is healed, and it must come to rest. A failure is shrunk to the few faults, clients and\n" +
			"workloads that matter, and kept in a folder: its schedule, which --schedule plays again, why it is a\n" +
			"failure, its trace, and a drawing of what led there.\n\n" +
			"Exit status: 0 nothing broke; 1 something did, or far too little happened; 2 usage; 4 a checker ran out of time; 130 interrupted.",
		Example: "  zablab fuzz                          # 1000 seeds\n" +
			"  zablab fuzz --seeds 1-100000 --for 10m\n" +
			"  zablab fuzz --schedule fuzz-failures/0x2a/schedule\n" +
			"  zablab fuzz --seeds 1-1000000 --shard 3/16 --results part.jsonl\n" +
			"  zablab fuzz report part-*.jsonl\n" +
			"  zablab fuzz --flaw owner.skip        # a bug that the engine is given: zablab flaws lists them",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runFuzz(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.seed, "seed", "", "play this seed alone, and show its schedule")
	flags.StringVar(&f.seeds, "seeds", "1-1000", "how many seeds from 1 on, or which: 500-999")
	flags.DurationVar(&f.limit, "for", 0, "stop after this time")
	flags.IntVar(&f.workers, "workers", 0, "how many at once (default: as many as there are processors)")
	flags.IntVar(&f.verify, "verify", 0, "play every so manieth seed twice, and compare")
	flags.StringVar(&f.out, "out", "fuzz-failures", "the folder for failures; made when there is one")
	flags.StringVar(&f.schedule, "schedule", "", "play the schedule in this file")
	flags.StringVar(&f.trace, "trace", "", "of --seed or --schedule, write the run to this file, as zablab.trace/1")
	flags.StringVar(&f.flaw, "flaw", "", "give every server, or every recipe, this bug: zablab flaws lists them")
	flags.StringVar(&f.mix, "mix", string(fuzz.Swarm), "what is drawn from: swarm, or common (5 servers, 3 clients, ticks of 200 ms)")
	flags.BoolVar(&f.beyond, "beyond", false, "also faults that nothing of this sort survives: disks that are lost or lie")
	flags.StringVar(&f.shard, "shard", "", "play part 3 of 16 of the seeds: 3/16, from 0/16 to 15/16")
	flags.StringVar(&f.results, "results", "", "append what comes of every 1000 seeds to this file, as a line of JSON")
	cmd.AddCommand(newFuzzReport())
	return cmd
}

// which are the seeds to play: the first, and how many.
func (f *fuzzFlags) which() (first uint64, n int, err error) {
	wrong := fmt.Errorf("--seeds %s: write how many, 1000, or which, 500-999", f.seeds)
	from, to, ranged := strings.Cut(f.seeds, "-")
	if !ranged {
		n, err = strconv.Atoi(from)
		if err != nil || n < 1 {
			return 0, 0, wrong
		}
		return 1, n, nil
	}
	first, err1 := strconv.ParseUint(from, 10, 63)
	last, err2 := strconv.ParseUint(to, 10, 63)
	if err1 != nil || err2 != nil || last < first || last-first > 1<<31 {
		return 0, 0, wrong
	}
	return first, int(last-first) + 1, nil
}

// part is the part of the seeds that a shard plays.
func (f *fuzzFlags) part(first uint64, n int) (uint64, int, error) {
	if f.shard == "" {
		return first, n, nil
	}
	at, of, _ := strings.Cut(f.shard, "/")
	i, err1 := strconv.Atoi(at)
	all, err2 := strconv.Atoi(of)
	if err1 != nil || err2 != nil || i < 0 || i >= all {
		return 0, 0, fmt.Errorf("--shard %s: write 0/16 for the first of 16, and 15/16 for the last", f.shard)
	}
	if all > n {
		return 0, 0, fmt.Errorf("--shard %s: there are %s for so many: ask for more with --seeds", f.shard, plural(n, "seed", "seeds"))
	}
	from, to := n*i/all, n*(i+1)/all
	return first + uint64(from), to - from, nil
}

// drawn is the mix that was asked for.
func (f *fuzzFlags) drawn() (fuzz.Mix, error) {
	mix := fuzz.Mix(f.mix)
	switch {
	case mix != fuzz.Swarm && mix != fuzz.Common:
		return "", fmt.Errorf("--mix %s: write swarm or common", f.mix)
	case f.beyond && mix != fuzz.Swarm:
		return "", errors.New("--beyond: it is a mix of its own: leave --mix out")
	case f.beyond:
		return fuzz.Beyond, nil
	}
	return mix, nil
}

func runFuzz(cmd *cobra.Command, f *fuzzFlags) error {
	bug := flaw.None
	if f.flaw != "" {
		list, err := flawsOf([]string{f.flaw})
		if err != nil {
			return err
		}
		bug = list[0].Flaw
	}
	mix, err := f.drawn()
	if err != nil {
		return err
	}
	switch {
	case f.schedule != "" && f.seed != "":
		return errors.New("fuzz: --schedule plays what a file has, and --seed what it draws: write one of them")
	case f.trace != "" && f.schedule == "" && f.seed == "":
		return errors.New("fuzz --trace: of which run? Write --seed or --schedule too")
	case f.schedule != "":
		text, err := readFile(f.schedule)
		if err != nil {
			return err
		}
		s, err := fuzz.Parse(f.schedule, string(text))
		if err != nil {
			return err
		}
		if bug != flaw.None {
			s.Flaw = bug
		}
		return playSchedule(cmd, s, f)
	case f.seed != "":
		seed, err := seeds.Parse(f.seed)
		if err != nil {
			return fmt.Errorf("--seed: %w", err)
		}
		s := mix.Generate(seed)
		s.Flaw = bug
		return playSchedule(cmd, s, f)
	}
	first, n, err := f.which()
	if err == nil {
		first, n, err = f.part(first, n)
	}
	if err != nil {
		return err
	}
	if f.workers < 0 || f.verify < 0 || f.limit < 0 {
		return fmt.Errorf("--workers %d --verify %d --for %s: none of them can be less than nothing", f.workers, f.verify, f.limit)
	}
	began := time.Now()
	asJSON, _ := cmd.Flags().GetBool("json")
	tell, done := fuzzProgress(cmd, n, asJSON)
	lines, err := openResults(f.results)
	if err != nil {
		return err
	}
	defer lines.close()
	b, err := fuzz.Run(first, n, fuzz.Options{
		Workers: f.workers, Verify: f.verify, Flaw: bug, Mix: mix,
		Tell: func(b *fuzz.Batch) {
			tell(b)
			lines.tell(b)
		},
		Stop: func() bool {
			return cmd.Context().Err() != nil || f.limit > 0 && time.Since(began) > f.limit
		},
	})
	done()
	if err == nil {
		err = lines.end(&b)
	}
	if err != nil {
		return err
	}
	files, err := f.keep(&b)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON {
		writeJSON(out, jsonOfFuzz(&b, files, time.Since(began)))
	} else {
		printFuzz(out, &b, files, time.Since(began))
	}
	if cmd.Context().Err() != nil {
		return status(exitInterrupted)
	}
	return fuzzStatus(&b)
}

// fuzzStatus is how a batch lets the program exit.
func fuzzStatus(b *fuzz.Batch) error {
	switch {
	case len(b.Failures)+len(b.Differing) > 0 || b.Dull():
		return status(exitBroken)
	case len(b.Undecided) > 0:
		return status(exitUndecided)
	}
	return nil
}

// progressBar is a bar where somebody can see it, else nil.
func progressBar(cmd *cobra.Command, n int, asJSON bool, what string) *progressbar.ProgressBar {
	file, ok := watched(cmd, asJSON)
	if !ok {
		return nil
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(file), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString(what), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
}

// fuzzProgress shows how far a batch has come.
func fuzzProgress(cmd *cobra.Command, n int, asJSON bool) (tell func(*fuzz.Batch), done func()) {
	bar := progressBar(cmd, n, asJSON, "seeds")
	if bar == nil {
		return func(*fuzz.Batch) {}, func() {}
	}
	return func(b *fuzz.Batch) {
		bar.Describe(fmt.Sprintf("%d broken", b.Broken))
		_ = bar.Set(b.Done)
	}, func() { _ = bar.Finish(); _ = bar.Clear() }
}

// countProgress shows how many of n are done, and which is next.
func countProgress(cmd *cobra.Command, n int, asJSON bool, what string) func(done int, next string) {
	bar := progressBar(cmd, n, asJSON, what)
	return func(done int, next string) {
		if bar != nil {
			bar.Describe(next)
			if _ = bar.Set(done); done == n {
				_ = bar.Clear()
			}
		}
	}
}

// keep writes a folder for each failure, and returns the files of the schedules.
func (f *fuzzFlags) keep(b *fuzz.Batch) (files []string, err error) {
	for i := range b.Failures {
		x := &b.Failures[i]
		dir := filepath.Join(f.out, fmt.Sprintf("%#x", x.Seed))
		name := filepath.Join(dir, "schedule")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("%w: name a folder that can be made with --out", err)
		}
		var t strings.Builder
		fmt.Fprintf(&t, "# %s\n# %s\n# Play it: zablab fuzz --schedule %s\n%s\n# As it was drawn:\n", x.Property,
			strings.ReplaceAll(x.Text, "\n", " "), name, x.Least.String())
		for line := range strings.Lines(x.Generated.String()) {
			t.WriteString("#   " + line)
		}
		told, err := tellFailure(&x.Least)
		if err != nil {
			return nil, err
		}
		told["schedule"] = []byte(t.String())
		for _, base := range []string{"schedule", "why.txt", "trace.ndjson", "diagram.md"} {
			if err := os.WriteFile(filepath.Join(dir, base), told[base], 0o644); err != nil {
				return nil, fmt.Errorf("%w: name a folder that can be written to with --out", err)
			}
		}
		files = append(files, name)
	}
	return files, nil
}

// tellFailure plays what is left of a failure once more, with its records, and writes what people want
// of it: by the names of its files.
func tellFailure(s *fuzz.Schedule) (files map[string][]byte, err error) {
	r, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		return nil, err
	}
	defer r.Ensemble.Close()
	trace, drawing, err := s.Tell(&r)
	if err != nil {
		return nil, err
	}
	var why bytes.Buffer
	printPlayed(&why, s, &r)
	return map[string][]byte{
		"trace.ndjson": trace, "why.txt": why.Bytes(),
		"diagram.md": fmt.Appendf(nil, "# %s\n\n%s\n\n```mermaid\n%s```\n", r.Property, r.Text, drawing),
	}, nil
}

func printFuzz(out io.Writer, b *fuzz.Batch, files []string, took time.Duration) {
	p := painter(out)
	seconds := max(took.Seconds(), 0.001)
	if b.Mix == fuzz.Beyond {
		fmt.Fprintln(out, p.yellow("beyond: with faults that nothing of this sort promises to survive; what breaks need not be a bug"))
	}
	fmt.Fprintf(out, "%s  %s\n", p.bold(fmt.Sprintf("%s from %#x", plural(b.Done, "seed", "seeds"), b.First)), p.faint(fmt.Sprintf(
		"%.1fs, %.0f seeds/s · %s events · %s of virtual time", seconds, float64(b.Done)/seconds, steps(int64(b.Events)), b.Virtual.Brief())))
	fmt.Fprintf(out, "  %s operations, %s succeeded, a median of %d in a run\n\n%s\n", steps(int64(b.Operations)),
		steps(int64(b.Succeeded)), b.Median, p.bold("Sometimes"))
	never := b.Sometimes.Never()
	for _, c := range b.Sometimes.List() {
		mark := p.green("✓")
		if slices.Contains(never, c.What) {
			mark = p.yellow("·")
		} else if c.N == 0 {
			mark = p.faint("·")
		}
		fmt.Fprintf(out, "  %s %-32s %d\n", mark, c.What, c.N)
	}
	if len(never) > 0 {
		fmt.Fprintf(out, "  %s\n", p.yellow("never seen: "+strings.Join(never, ", ")+": of that this batch proves nothing"))
	}
	fmt.Fprintln(out)
	for i := range b.Failures {
		x := &b.Failures[i]
		fmt.Fprintf(out, "%s %s  %s\n  %s\n", p.red("✗"), p.bold(x.Property), p.faint(fmt.Sprintf("seed %#x, shrunk in %d runs", x.Seed, x.Runs)),
			wrap(x.Text, 96, "  "))
		for line := range strings.Lines(x.Least.Plan.String()) {
			fmt.Fprintf(out, "    %s", line)
		}
		if n := len(x.Also); n > 0 {
			fmt.Fprintf(out, "  %s\n", p.faint(fmt.Sprintf("and so did %s, %#x the first of them", plural(n, "seed more", "seeds more"), x.Also[0])))
		}
		if files != nil {
			fmt.Fprintf(out, "  zablab fuzz --schedule %s\n  %s\n\n", files[i], p.faint("beside it: why.txt, diagram.md, trace.ndjson"))
		} else {
			fmt.Fprintf(out, "  zablab fuzz --seed %s%s\n\n", seeds.Text(x.Seed), mixFlag(b.Mix))
		}
	}
	for i := range b.Differing {
		fmt.Fprintf(out, "%s %s\n", p.red("✗"), b.Differing[i].String())
	}
	switch {
	case len(b.Undecided) > 0:
		fmt.Fprintf(out, "%s in %s a checker ran out of time: zablab fuzz --seed %#x\n", p.yellow("?"),
			plural(len(b.Undecided), "run", "runs"), b.Undecided[0])
	case b.Dull():
		fmt.Fprintf(out, "%s nothing broke, and too little happened for that to say anything\n", p.red("✗"))
	case len(b.Failures)+len(b.Differing) == 0:
		fmt.Fprintf(out, "%s nothing broke\n", p.green("✓"))
	}
}

// playSchedule plays one schedule and tells what came of it.
func playSchedule(cmd *cobra.Command, s fuzz.Schedule, f *fuzzFlags) error {
	r, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		return err
	}
	defer r.Ensemble.Close()
	if f.trace != "" || r.Property != "" {
		text, _, err := s.Tell(&r)
		if err != nil {
			return err
		}
		if f.trace != "" {
			if err := os.WriteFile(f.trace, text, 0o644); err != nil {
				return fmt.Errorf("%w: name a file in a folder that is there", err)
			}
		}
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, map[string]any{
			"schedule": s.String(), "property": r.Property, "text": r.Text, "fingerprint": fmt.Sprintf("%016x", r.Fingerprint),
			"checks": append([]judge.Check{}, r.Checks...),
		})
	} else {
		printPlayed(out, &s, &r)
		if f.trace != "" {
			fmt.Fprintf(out, "%s  %s\n", painter(out).bold("Written"), f.trace)
		}
	}
	switch {
	case r.Property != "":
		return status(exitBroken)
	case len(r.Undecided) > 0:
		return status(exitUndecided)
	}
	return nil
}

func printPlayed(out io.Writer, s *fuzz.Schedule, r *fuzz.Result) {
	p := &verdicts{paint: painter(out), out: out}
	fmt.Fprintf(out, "%s\n%s\n", p.bold("Schedule"), s.String())
	fmt.Fprintf(out, "%s  %s\n", p.bold("Checked"), p.faint(fmt.Sprintf("%s events, %d operations, %d succeeded",
		steps(int64(r.Events)), r.Operations, r.Succeeded)))
	for i := range r.Checks {
		p.check(&r.Checks[i])
	}
	if r.Property != "" {
		fmt.Fprintf(out, "%s %s\n  %s\n", p.red("✗"), p.bold(r.Property), wrap(r.Text, 96, "  "))
	}
	fmt.Fprintf(out, "%s  %016x\n", p.bold("Fingerprint"), r.Fingerprint)
}

// jsonFuzz is fuzz --json. Keys are stable: add, never rename.
type jsonFuzz struct {
	Mix        fuzz.Mix          `json:"mix"`
	Seeds      int               `json:"seeds"`
	First      string            `json:"first_seed"`
	Events     uint64            `json:"events"`
	Virtual    int64             `json:"virtual_us"`
	Operations int               `json:"operations"`
	Succeeded  int               `json:"succeeded"`
	Median     int               `json:"succeeded_median"`
	Elapsed    int64             `json:"elapsed_ms"`
	Broken     int               `json:"broken"`
	Violations []results.Failure `json:"violations"`
	Sometimes  map[string]int    `json:"sometimes"`
	Undecided  int               `json:"undecided"`
	Unsure     []string          `json:"undecided_seeds"`
	Differing  []string          `json:"differing_seeds"`

	Differences []fuzz.Difference `json:"differences"`
}

func jsonOfFuzz(b *fuzz.Batch, files []string, took time.Duration) jsonFuzz {
	j := jsonFuzz{
		Mix: b.Mix, Seeds: b.Done, First: seeds.Text(b.First), Events: b.Events, Virtual: int64(b.Virtual),
		Operations: b.Operations, Succeeded: b.Succeeded, Median: b.Median, Elapsed: took.Milliseconds(), Broken: b.Broken,
		Violations: []results.Failure{}, Sometimes: b.Sometimes.Map(),
		Undecided: len(b.Undecided), Unsure: seeds.Texts(b.Undecided),
		Differing: []string{}, Differences: append([]fuzz.Difference{}, b.Differing...),
	}
	for _, d := range b.Differing {
		j.Differing = append(j.Differing, seeds.Text(d.Seed))
	}
	for i := range b.Failures {
		v := results.Of(&b.Failures[i])
		if files != nil {
			v.Command = "zablab fuzz --schedule " + files[i]
		}
		j.Violations = append(j.Violations, v)
	}
	return j
}
