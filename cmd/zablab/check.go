package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/trace"
)

// checkFlags are the words behind zablab check.
type checkFlags struct {
	models    []string
	scope     string
	reads     string
	sync      string
	limit     time.Duration
	porcupine string
}

func newCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check HISTORY",
		Short: "Judge a history from anywhere: a trace of the lab, or JSON Lines of your own",
		Long: "Judges what clients asked and were told: porcupine looks for one order that explains every answer, and,\n" +
			"where there are zxids, the witness walks through them. A history is a trace (zablab replay --trace), or\n" +
			"JSON Lines, one operation a line:\n\n" +
			`  {"client":"A","op":"create","path":"/leader","ephemeral":true,"call":50,"return":60}` + "\n" +
			`  {"client":"B","op":"create","path":"/leader","ephemeral":true,"call":10,"return":70,"code":"node exists"}` + "\n" +
			`  {"client":"B","op":"get","path":"/leader","call":80,"return":90,"result":{"data":"A"},"zxid":"1/4"}` + "\n\n" +
			"Times are µs; an operation without \"return\" may have happened or not. Locks have acquire, release, use\n" +
			"and holder. All keys: go doc github.com/zablab/zablab/linearizability. A - reads standard input.\n\n" +
			"Exit status: 0 holds; 1 a check failed; 2 usage or unreadable input; 4 undecided; 130 interrupted.",
		Example: "  zablab check run.ndjson\n" +
			"  zablab check --model register --porcupine page.html mine.jsonl",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.models, "model", nil, "znode, register, lock or election; may be several (default: those that fit)")
	flags.StringVar(&f.scope, "scope", "", "writes, or all operations (default: the model's own)")
	flags.StringVar(&f.reads, "reads", "zookeeper", "what is asked of reads: zookeeper, or linearizable")
	flags.StringVar(&f.sync, "sync", "leader", "whom a sync asks: leader, as ZooKeeper's, or quorum")
	flags.DurationVar(&f.limit, "limit", judge.DefaultLimit, "how long porcupine may take for one model; past it, undecided")
	flags.StringVar(&f.porcupine, "porcupine", "", "write porcupine's picture to this file")
	return cmd
}

func (f *checkFlags) options() (o judge.Options, err error) {
	for _, name := range f.models {
		i := slices.IndexFunc(lin.Models, func(m lin.Model) bool { return strings.HasPrefix(string(m), name+"/") || string(m) == name })
		if i < 0 || name == "" {
			return o, fmt.Errorf("--model %s: write znode, register, lock or election", name)
		}
		o.Models = append(o.Models, lin.Models[i])
	}
	switch f.scope {
	case "", "writes", "all":
		o.Scope = lin.Scope(f.scope)
	default:
		return o, fmt.Errorf("--scope %s: write writes or all", f.scope)
	}
	if f.reads != "zookeeper" && f.reads != "linearizable" {
		return o, fmt.Errorf("--reads %s: write zookeeper or linearizable", f.reads)
	}
	if f.sync != "leader" && f.sync != "quorum" {
		return o, fmt.Errorf("--sync %s: write leader or quorum", f.sync)
	}
	if f.limit <= 0 {
		return o, fmt.Errorf("--limit %s: give it some time, 20s", f.limit)
	}
	o.LinearizableReads, o.QuorumSync, o.Limit = f.reads == "linearizable", f.sync == "quorum", f.limit
	return o, nil
}

// history is what was read: a record, and of a trace its events.
type history struct {
	record lin.Record
	events []trace.Event
}

func (f *checkFlags) run(cmd *cobra.Command, name string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	h, err := readHistory(cmd, name)
	if err != nil {
		return err
	}
	if len(h.record.Ops) == 0 && len(h.record.Beliefs)+len(h.record.Accesses) == 0 {
		return fmt.Errorf("check %s: there is no operation in it: write one a line, as zablab check --help shows", name)
	}
	j, err := judgeRecord(cmd, &h.record, o)
	if err != nil {
		return err
	}
	judge.Explain(j.Checks, h.events)
	if f.porcupine != "" {
		if err := h.picture(f.porcupine, &j); err != nil {
			return err
		}
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(cmd.OutOrStdout(), jsonOfCheck(name, &h.record, &j))
	} else {
		h.print(cmd.OutOrStdout(), name, f, &j)
	}
	if code := codeOf(j.Checks); code != exitOK {
		return status(code)
	}
	return nil
}

// judgeRecord puts the record to the judges, until ^C.
func judgeRecord(cmd *cobra.Command, r *lin.Record, o judge.Options) (j judge.Judgement, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		j, err = judge.Judge(nil, *r, o)
	}()
	select {
	case <-done:
		return j, err
	case <-cmd.Context().Done():
		return judge.Judgement{}, status(exitInterrupted)
	}
}

// codeOf is the exit status that checks come to.
func codeOf(checks []judge.Check) int {
	code := exitOK
	for i := range checks {
		switch c := &checks[i]; {
		case !c.Promised:
		case c.Verdict == lin.Broken:
			return exitBroken
		case c.Verdict == lin.Undecided:
			code = exitUndecided
		}
	}
	return code
}

// readHistory reads a file of either kind. The first line tells which.
func readHistory(cmd *cobra.Command, name string) (h history, err error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return h, fmt.Errorf("read %s: %w: give the path of a trace or of a history", name, causeOf(err))
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return h, fmt.Errorf("read %s: it is a folder: name a file in it", name)
		}
		in = file
	}
	text := bufio.NewReaderSize(in, 1<<16)
	first, _ := text.Peek(len(`{"schema":"` + trace.Schema + `"`))
	if string(first) == `{"schema":"`+trace.Schema+`"` {
		return readTraced(name, text)
	}
	h.record, err = lin.ReadRecord(name, text)
	var wrong *lin.FormatError
	if errors.As(err, &wrong) {
		return h, &diagram.Error{File: wrong.File, Line: wrong.Line, Column: wrong.Column, Message: wrong.Err.Error()}
	}
	return h, err
}

// readTraced takes the record out of a trace.
func readTraced(name string, in io.Reader) (h history, err error) {
	run, err := trace.Read(name, in)
	if err != nil {
		return h, placed(err)
	}
	switch {
	case !run.Ended:
		return h, fmt.Errorf("check %s: the trace was cut off, and the operations stand at its end: write it again with zablab replay --trace", name)
	case run.End.Cut != nil:
		return h, fmt.Errorf("check %s: this is a part of a run, which proves nothing about the whole: check the trace that it was cut from", name)
	}
	var b bytes.Buffer
	for _, line := range run.End.Record {
		b.Write(line)
		b.WriteByte('\n')
	}
	h.events = run.Events
	if h.record, err = lin.ReadRecord(name, &b); err != nil {
		return h, fmt.Errorf("check %s: the record at its end: %w", name, err)
	}
	return h, nil
}

func (h *history) picture(name string, j *judge.Judgement) error {
	var b bytes.Buffer
	if err := lin.Page(&b, j.Picture(), judge.Annotations(h.events)...); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("%w: name a file in a folder that is there", err)
	}
	return nil
}

func (h *history) print(out io.Writer, name string, f *checkFlags, j *judge.Judgement) {
	p := &verdicts{paint: painter(out), out: out}
	r := &h.record
	clients := make(map[lin.Client]bool)
	unknown := 0
	for i := range r.Ops {
		clients[r.Ops[i].Client] = true
		if r.Ops[i].Outcome == lin.Unknown {
			unknown++
		}
	}
	what := fmt.Sprintf("%s of %s", plural(len(r.Ops), "operation", "operations"), plural(len(clients), "client", "clients"))
	if unknown > 0 {
		what += fmt.Sprintf(", %d without an answer", unknown)
	}
	if n := len(r.Events); n > 0 {
		what += ", " + plural(n, "event", "events")
	}
	fmt.Fprintf(out, "%s  %s\n\n%s\n", p.bold(name), p.faint(what), p.bold("Checked"))
	for i := range j.Checks {
		p.check(&j.Checks[i])
	}
	for i := range j.Verdicts {
		if v := &j.Verdicts[i]; len(v.Left) > 0 {
			fmt.Fprintf(out, "  %s\n", p.faint(fmt.Sprintf("%s does not judge %s: other kinds, or what it cannot tell apart",
				v.Model, plural(len(v.Left), "operation", "operations"))))
		}
	}
	if f.porcupine != "" {
		fmt.Fprintf(out, "%s  %s\n", p.bold("Written"), f.porcupine)
	} else if codeOf(j.Checks) == exitBroken {
		fmt.Fprintf(out, "%s  zablab check --porcupine page.html %s\n", p.bold("See it"), name)
	}
}

// jsonCheck is check --json. Keys are stable: add, never rename.
type jsonCheck struct {
	History    string        `json:"history"`
	Operations int           `json:"operations"`
	Checks     []judge.Check `json:"checks"`
	Figures    jsonFigures   `json:"figures"`
}

type jsonFigures struct {
	Reads     int   `json:"reads"`
	Stale     int   `json:"stale_reads"`
	Staleness int64 `json:"staleness_us"`
	SyncFresh int   `json:"sync_fresh"`
	SyncStale int   `json:"sync_stale"`
	Overlap   int64 `json:"overlap_us"`
	Unfenced  int   `json:"unfenced"`
}

func jsonOfCheck(name string, r *lin.Record, j *judge.Judgement) jsonCheck {
	return jsonCheck{name, len(r.Ops), append([]judge.Check{}, j.Checks...), figuresOf(&j.Figures)}
}

func figuresOf(f *witness.Figures) jsonFigures {
	return jsonFigures{f.Reads, f.Stale, f.Staleness, f.SyncFresh, f.SyncStale, f.Overlap, f.Unfenced}
}
