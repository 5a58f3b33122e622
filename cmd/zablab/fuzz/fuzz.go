package fuzz

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/zab/flaw"
)

// flags are the flags of zablab fuzz.
type flags struct {
	seed     string
	seeds    string
	limit    time.Duration
	workers  int
	verify   int
	out      string
	schedule string
	trace    string
	html     string
	flaw     string
	mix      string
	works    []string
	list     bool
	beyond   bool
	feedback bool
	shard    string
	results  string
	baseline string
	first    bool
	mute     []string
	engine   string
	naps     string
	bug      string
	raft     string
	guest    string
	reach    bool
}

// Command returns the command zablab fuzz, with its subcommand report.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "fuzz",
		Short: "Generate schedules of faults from seeds, check every run, and shrink failures",
		Long: `Generates an ensemble, the work of its clients, and faults from each seed. Each run
must pass every check; then all faults are healed, and the ensemble must recover.

The command shrinks the schedule of each failure to the few faults, clients and workloads
that matter, and writes a folder with the shrunk schedule (for --schedule), an explanation
of the failure, the trace, a diagram of the events that led to the failure, and a page
for a browser.

Exit status: 0 no check failed; 1 a check failed, or too little happened to
prove anything; 2 wrong usage; 4 a check ran out of time; 130 interrupted.`,
		Example: "  zablab fuzz                          # 1000 seeds\n" +
			"  zablab fuzz --seeds 1-100000 --for 10m\n" +
			"  zablab fuzz --schedule fuzz-failures/0x2a/schedule\n" +
			"  zablab fuzz --seeds 1-1000000 --shard 3/16 --results part.jsonl\n" +
			"  zablab fuzz report part-*.jsonl\n" +
			"  zablab fuzz --reach                  # also prints what the runs reached\n" +
			"  zablab fuzz --flaw owner.skip        # injects a bug from zablab flaws\n" +
			"  zablab fuzz --engine raft --seeds 1-100",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd) },
	}
	f.add(cmd.Flags())
	f.engineFlags(cmd.Flags())
	cmd.AddCommand(newReport())
	return cmd
}

// add adds the flags, but for those that choose an engine.
func (f *flags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.seed, "seed", "", "play only this seed, and show its schedule")
	flags.StringVar(&f.seeds, "seeds", "1-1000",
		"number of seeds, from seed 1 on, or a range: 500-999")
	flags.DurationVar(&f.limit, "for", 0,
		"stop after this time, such as 10m, even while a failure is being shrunk "+
			"(default: no limit)")
	flags.BoolVar(&f.first, "first", false, "stop at the first failure")
	flags.StringSliceVar(&f.mute, "mute", nil,
		"ignore failures of these properties, separated by commas; the output shows them as muted")
	flags.IntVar(&f.workers, "workers", 0,
		"number of concurrent runs (default: one per processor)")
	flags.IntVar(&f.verify, "verify", 0,
		"play every Nth seed twice and compare the runs; 0 for none")
	flags.StringVar(&f.out, "out", "fuzz-failures",
		"folder for failures; it is created at the first failure")
	flags.StringVar(&f.schedule, "schedule", "", "play the schedule in this file")
	flags.StringVar(&f.trace, "trace", "",
		"with --seed or --schedule: write the run to this file, in the format zablab.trace/1")
	flags.StringVar(&f.html, "html", "",
		"with --seed or --schedule: write the run to this file, as a page for a browser")
	flags.StringVar(&f.flaw, "flaw", "",
		"inject this bug into every server or recipe; zablab flaws lists all bugs")
	flags.StringVar(&f.mix, "mix", string(fuzz.Swarm),
		"how to generate schedules: swarm (ensembles of all sizes), common (always 5 servers, 3 "+
			"clients and ticks of 200 ms), or rare (also uses features that few applications "+
			"use, such as container nodes and other client libraries)")
	flags.StringSliceVar(&f.works, "workload", nil,
		"workloads that every client runs, such as queue,locks (default: chosen by the seed); "+
			"--list shows all workloads")
	flags.BoolVar(&f.list, "list", false, "list the workloads")
	flags.BoolVar(&f.beyond, "beyond", false,
		"add faults that no consensus protocol survives: disks that lose data, or that report an "+
			"fsync that did not happen")
	flags.BoolVar(&f.feedback, "feedback", false,
		"if a schedule has a fault at a protocol step where no earlier fault happened, play "+
			"variations of the schedule")
	flags.StringVar(&f.shard, "shard", "",
		"I/N: divide the seeds into N shards, and play only shard I, from 0 to N-1; for 16 "+
			"shards, 0/16 to 15/16")
	flags.StringVar(&f.results, "results", "",
		"append the results to this file, one JSON object a line: each line has the results since "+
			"the line before it, and a line is written at least once a second")
	flags.StringVar(&f.baseline, "baseline", "",
		"write to this file how often each kind of event happened, as a baseline for later batches with "+
			"the same --mix")
	flags.BoolVar(&f.reach, "reach", false,
		"print which situations the runs reached; a batch of 1000 seeds or more fails if it "+
			"misses an expected situation")
}

// which returns the range of seeds in --seeds: the first, and their number.
func (f *flags) which() (first uint64, n int, err error) {
	first, n, ok := seeds.Range(f.seeds, math.MaxInt32)
	if !ok {
		return 0, 0, fmt.Errorf("--seeds %s: must be a number such as 1000, or a range such as 500-999",
			f.seeds)
	}
	return first, n, nil
}

// part narrows the range to the seeds of one shard.
func (f *flags) part(first uint64, n int) (uint64, int, error) {
	if f.shard == "" {
		return first, n, nil
	}
	at, of, _ := strings.Cut(f.shard, "/")
	i, err1 := strconv.Atoi(at)
	all, err2 := strconv.Atoi(of)
	if err1 != nil || err2 != nil || i < 0 || i >= all {
		return 0, 0, fmt.Errorf("--shard %s: must be I/N, the Ith of N shards, counted from 0: "+
			"for 16 shards, 0/16 to 15/16", f.shard)
	}
	if all > n {
		return 0, 0, fmt.Errorf("--shard %s: there are only %s, fewer than the number of shards: "+
			"play more seeds with --seeds",
			f.shard, terminal.Plural(n, "seed", "seeds"))
	}
	from, to := n*i/all, n*(i+1)/all
	return first + uint64(from), to - from, nil
}

// mixture returns the mix that --mix and --beyond select.
func (f *flags) mixture() (fuzz.Mix, error) {
	mix := fuzz.Mix(f.mix)
	switch {
	case mix != fuzz.Swarm && mix != fuzz.Common && mix != fuzz.Rare:
		return "", fmt.Errorf("--mix %s: must be swarm, common or rare", f.mix)
	case f.beyond && mix != fuzz.Swarm:
		return "", errors.New("--beyond replaces --mix: leave out one of them")
	case f.beyond:
		return fuzz.Beyond, nil
	}
	return mix, nil
}

// run plays one schedule or a batch of seeds, depending on the flags.
func (f *flags) run(cmd *cobra.Command) error {
	if f.list {
		return listWorkloads(cmd)
	}
	bug := flaw.None
	if f.flaw != "" {
		list, err := flawsOf([]string{f.flaw})
		if err != nil {
			return err
		}
		bug = list[0].Flaw
	}
	mix, err := f.mixture()
	switch {
	case err != nil:
		return err
	case len(f.works) > 0 && f.schedule != "":
		return errors.New("fuzz: a schedule names its workloads: leave out --workload or " +
			"--schedule")
	case f.schedule != "" && f.seed != "":
		return errors.New("fuzz: --schedule and --seed exclude each other: leave out one")
	case f.trace != "" && f.schedule == "" && f.seed == "":
		return errors.New("fuzz --trace writes a single run: select it with --seed or --schedule")
	case f.html != "" && f.schedule == "" && f.seed == "":
		return errors.New("fuzz --html writes a single run: select it with --seed or --schedule")
	case f.schedule != "" || f.seed != "":
		s, err := f.one(mix)
		if err != nil {
			return err
		}
		if bug != flaw.None {
			s.Flaw = bug
		}
		return f.withEngine(cmd, s.Engine, func(e fuzz.Engine) error {
			if e != nil && s.Engine == "" {
				e.Adapt(&s)
				s.Bug = f.bug
			}
			return playSchedule(cmd, s, f, e)
		})
	}
	return f.withEngine(cmd, "", func(e fuzz.Engine) error { return f.batch(cmd, mix, bug, e) })
}

// one returns the schedule in the file of --schedule or the one generated from --seed.
func (f *flags) one(mix fuzz.Mix) (s fuzz.Schedule, err error) {
	if f.schedule != "" {
		text, err := command.ReadFile(f.schedule)
		if err != nil {
			return s, err
		}
		return fuzz.Parse(f.schedule, string(text))
	}
	seed, err := seeds.Parse(f.seed)
	if err != nil {
		return s, fmt.Errorf("--seed: %w", err)
	}
	s = mix.Generate(seed)
	return s, s.Only(f.works...)
}

// listWorkloads prints all workloads, last those that run on request only.
func listWorkloads(cmd *cobra.Command) error {
	type workloadJSON struct {
		Name      string `json:"name"`
		Says      string `json:"says"`
		OnRequest bool   `json:"onRequest,omitempty"`
		Breaks    string `json:"breaks,omitempty"`
	}
	out, all := cmd.OutOrStdout(), []workloadJSON{}
	for _, w := range workload.All() {
		all = append(all, workloadJSON{Name: w.Name, Says: w.Says})
	}
	for _, w := range slices.Concat(workload.OnRequest(), workload.Shared()) {
		all = append(all, workloadJSON{w.Name, w.Says, true, w.Breaks})
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"workloads": all})
		return nil
	}
	for i, w := range all {
		if w.OnRequest && !all[i-1].OnRequest {
			fmt.Fprint(out, "\nThe following workloads run only if --workload names them:\n\n")
		}
		fmt.Fprintf(out, "%-16s %s", w.Name, w.Says)
		if w.Breaks != "" {
			fmt.Fprintf(out, ": breaks %s", w.Breaks)
		}
		fmt.Fprintln(out)
	}
	return nil
}

// batch plays many seeds, writes a folder for each failure, and prints the results.
func (f *flags) batch(cmd *cobra.Command, mix fuzz.Mix, bug flaw.Flaw, e fuzz.Engine) error {
	first, n, err := f.which()
	if err == nil {
		first, n, err = f.part(first, n)
	}
	if err != nil {
		return err
	}
	if err := f.notNegative(); err != nil {
		return err
	}
	lines, err := openResults(f.results)
	if err != nil {
		return err
	}
	defer lines.close()
	began, asJSON := time.Now(), command.JSON(cmd)
	enough := false
	stop := func() bool {
		return enough || cmd.Context().Err() != nil || f.limit > 0 && time.Since(began) > f.limit
	}
	kept := keeper{dir: f.out,
		playing: fuzz.Playing{Mute: f.mute, Engine: e, Workers: f.workers, Stop: stop}}
	bar := terminal.NewProgress(cmd, n, asJSON, "seeds")
	b, err := fuzz.Run(first, n, fuzz.Options{
		Workers: f.workers, Verify: f.verify, Flaw: bug, Mix: mix, Works: f.works,
		Mute: f.mute, Found: kept.found, Engine: e, Bug: f.bug,
		Feedback: f.feedback, Reach: f.reach,
		Tell: func(b *fuzz.Batch) {
			bar.At(b.Done, fmt.Sprintf("%d broken", b.Broken))
			kept.keep(b)
			lines.add(b)
			enough = f.first && b.Broken > 0 || kept.err != nil
		},
		Stop: stop,
	})
	bar.Done()
	if err == nil {
		err = lines.end(&b)
	}
	if err != nil {
		return err
	}
	if kept.err != nil {
		return kept.err
	}
	if f.baseline != "" {
		if err := writeBaseline(f.baseline, &b); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if asJSON {
		command.WriteJSON(out, jsonOfBatch(&b, kept.schedules, time.Since(began)))
	} else {
		printBatch(out, &b, kept.schedules, time.Since(began))
	}
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	return statusOf(&b)
}

// notNegative returns an error for a numeric flag with a negative value.
func (f *flags) notNegative() error {
	switch {
	case f.workers < 0:
		return fmt.Errorf("--workers %d: must not be negative: omit the flag for one run per "+
			"processor",
			f.workers)
	case f.verify < 0:
		return fmt.Errorf("--verify %d: must not be negative: write 0 to play no seed twice",
			f.verify)
	case f.limit < 0:
		return fmt.Errorf("--for %s: must not be negative: omit the flag for no limit", f.limit)
	}
	return nil
}

// statusOf returns the exit status of a batch.
func statusOf(b *fuzz.Batch) error {
	deviations, _ := b.Deviations()
	switch {
	case len(b.Failures)+len(b.Differing)+len(deviations) > 0 || b.Dull() ||
		b.Reach.Tally != nil && b.Done >= fuzz.ReachSeeds && len(b.Reach.Unexplained()) > 0:
		return command.Status(command.Broken)
	case len(b.Undecided) > 0:
		return command.Status(command.Undecided)
	}
	return nil
}
