package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/cmd/checkout"
	"github.com/zablab/zablab/scenarios/fuzz"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
}

// options are the flags of the command line.
type options struct {
	root    string
	n       int
	seed    uint64
	limit   time.Duration
	first   time.Duration
	in      string
	list    bool
	only    string
	mix     string
	results string
	all     bool
	json    bool
	play    bool
	shrink  bool
	planted bool
}

// run runs the command with arguments, and writes to out.
func run(args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.root, "root", "", "the module's folder (default: the nearest with a go.mod)")
	flags.IntVar(&o.n, "n", 200, "number of mutants to pick; 0 for all")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the random choice of mutants")
	flags.DurationVar(&o.limit, "for", time.Minute,
		"processor time for fuzzing each mutant")
	flags.DurationVar(&o.first, "first", 6*time.Second,
		"processor time for a short first try of each mutant; only the mutants that survive this "+
			"try are fuzzed for the time in --for")
	flags.StringVar(&o.in, "in", usual, "packages to change, separated by commas")
	flags.BoolVar(&o.list, "list", false, "list the mutants, without trying them")
	flags.StringVar(&o.only, "only", "", "try only the mutants whose ID contains this text, or one "+
		"of these texts, separated by commas")
	flags.StringVar(&o.mix, "mix", "", "play only schedules of this mix: common, swarm or rare "+
		"(default: all mixes)")
	flags.StringVar(&o.results, "results", "",
		"append each result to this file as a line of JSON; skip the mutants that are already "+
			"in the file")
	flags.BoolVar(&o.json, "json", false, "with --list: print each mutant as a line of JSON")
	flags.BoolVar(&o.all, "known", false,
		"also try the mutants that testdata/known.jsonl lists; by default they are skipped, "+
			"because no run of the fuzzer can notice them")
	flags.BoolVar(&o.play, "play", false, "make no mutants: fuzz the engine that this "+
		"command was built with, and print the verdict")
	flags.BoolVar(&o.shrink, "shrink", false, "with --play: shrink the schedule of the failure")
	flags.BoolVar(&o.planted, "plant", false,
		"make no mutants: fuzz the engine with the patches in the arguments (default: with all "+
			"changes since HEAD)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(out, "Mutants changes the engine in one small place at a time, and reports "+
			"whether the fuzzer notices.")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	} else if err != nil {
		return fmt.Errorf("%w: see --help", err)
	}
	if o.play {
		return play(o.limit, fuzz.Mix(o.mix), o.shrink, out)
	}
	if o.mix != "" && !slices.Contains(mixes, fuzz.Mix(o.mix)) {
		return fmt.Errorf("--mix %s: must be one of %v", o.mix, mixes)
	}
	root, err := checkout.Root(o.root)
	if err != nil {
		return fmt.Errorf("%w, or name the module's folder with --root", err)
	}
	o.root = root
	switch {
	case o.planted:
		return o.plant(flags.Args(), out)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: only --plant takes patches", flags.Arg(0))
	}
	return o.try(out)
}

// try picks mutants, and tries or lists them.
func (o *options) try(out io.Writer) error {
	every, err := all(o.root, strings.Split(o.in, ","))
	if err != nil {
		return err
	}
	picked := draw(every, o.n, o.seed)
	if o.only != "" {
		picked = nil
		for _, m := range every {
			if slices.ContainsFunc(strings.Split(o.only, ","), func(text string) bool {
				return strings.Contains(m.ID(), text)
			}) {
				picked = append(picked, m)
			}
		}
	}
	table, err := readKnown(knownTable)
	if err != nil {
		return err
	}
	known := len(picked)
	var count map[string]int
	if !o.all {
		picked, count = classes(picked, table)
	}
	known -= len(picked)
	if o.list {
		for i := range picked {
			if o.json {
				if err := json.NewEncoder(out).Encode(&picked[i]); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(out, "%s\t%s → %s\n", picked[i].ID(), short(picked[i].Now),
				short(picked[i].Then))
		}
		if o.json {
			return nil
		}
		fmt.Fprintf(out, "%d of %d mutants; %d more are left out, because "+
			"testdata/known.jsonl lists them\n", len(picked), len(every), known)
		return nil
	}
	results, err := readResults(o.results)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := typeLiterals(o.root, picked); err != nil {
		return err
	}
	c := &campaign{bench: &bench{root: o.root, work: work, mix: o.mix}, list: picked,
		trials: make([]trial, len(picked)), out: out, results: o.results}
	for i := range picked {
		c.trials[i] = results[key(&picked[i])]
	}
	if err := c.run(o.first, o.limit); err != nil {
		return err
	}
	printTotal(out, c.trials, len(every), count)
	return nil
}

// key identifies a mutant by its texts too: the source may have changed since.
func key(m *Mutant) string { return m.ID() + "\n" + m.Now + "\n" + m.Then }

// readResults reads the trials in a file of results, by key. A missing file has none.
func readResults(name string) (map[string]trial, error) {
	known := make(map[string]trial)
	if name == "" {
		return known, nil
	}
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return known, nil
	} else if err != nil {
		return nil, err
	}
	for n, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if line == "" {
			continue
		}
		var t trial
		if err := json.Unmarshal([]byte(line), &t); err != nil {
			return nil, fmt.Errorf("%s:%d: not a result of this command: %w: remove the line",
				name, n+1, err)
		}
		known[key(&t.Mutant)] = t
	}
	return known, nil
}

func appendResult(name string, t *trial) error {
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(f).Encode(t); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// short is a text on one line.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 90 {
		s = string(r[:90]) + "…"
	}
	return s
}

func printTrial(out io.Writer, t *trial) {
	fmt.Fprintf(out, "%-13s %s\n", t.Outcome, t.ID)
	switch t.Outcome {
	case convicted:
		fmt.Fprintf(out, "    fails %s at seed %d of the mix %s, after %.1fs\n", t.Property, t.Seed,
			t.Mix, t.Seconds)
	case survived:
		fmt.Fprintf(out, "    - %s\n    + %s\n    %d seeds, %.0fs; %s\n", short(t.Now),
			short(t.Then), t.Seeds, t.Seconds, t.Alike)
	}
}

// printTotal prints the outcomes. A survivor that nobody has classified counts as blind.
func printTotal(out io.Writer, tried []trial, of int, count map[string]int) {
	by := make(map[string]int)
	for i := range tried {
		by[tried[i].Outcome]++
	}
	row := func(n int, what string) { fmt.Fprintf(out, "%5d  %s\n", n, what) }
	row(len(tried)+count[equivalent]+count[outOfReach], fmt.Sprintf("mutants picked, out of "+
		"%d", of))
	row(by[unbuilt], "do not build")
	row(count[equivalent], "are equivalent to the unchanged engine (classified by hand)")
	row(count[outOfReach], "are out of the fuzzer's reach (classified by hand)")
	row(by[convicted], "convicted: a check failed")
	row(by[survived], "survived: to study one, make its change in the engine and run mutants "+
		"--plant")
	fmt.Fprintf(out, "%4d%%  of the mutants that build and are not equivalent to the unchanged "+
		"engine were convicted\n",
		perCent(by[convicted], by[convicted]+by[survived]+count[outOfReach]))
}
