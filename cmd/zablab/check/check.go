package check

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// flags are the flags of zablab check.
type flags struct {
	models    []string
	scope     string
	reads     string
	sync      string
	limit     time.Duration
	porcupine string
	html      string
}

// Command returns the command zablab check.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "check HISTORY",
		Short: "Judge a history of calls and answers: a trace of the lab, or your own JSON Lines",
		Long: `Judges the calls of clients and their answers. Porcupine searches for one order of
the operations that explains every answer; if the history has zxids, a second judge,
the witness, checks the order that they give. A history is a trace (zablab replay
--trace), or a file of JSON Lines with one operation per line:

  {"client":"A","op":"create","path":"/leader","ephemeral":true,"call":50,"return":60}
  {"client":"B","op":"create","path":"/leader","ephemeral":true,"call":10,"return":70,"code":"node exists"}
  {"client":"B","op":"get","path":"/leader","call":80,"return":90,"result":{"data":"A"},"zxid":"1/4"}

Times are in µs. An operation without "return" may or may not have happened. The
operations of a lock are acquire, release, use and holder. "go doc
github.com/zablab/zablab/linearizability" explains all keys. The name - means standard
input.

Exit status: 0 everything holds; 1 a check failed; 2 wrong usage or unreadable
input; 4 a check is undecided; 130 interrupted.`,
		Example: "  zablab check run.ndjson\n" +
			"  zablab check --html page.html mine.jsonl\n" +
			"  zablab check --model register --porcupine page.html mine.jsonl",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.models, "model", nil,
		"models to check, comma-separated: znode, register, lock, election (default: all "+
			"that apply)")
	flags.StringVar(&f.scope, "scope", "",
		"operations to check: writes, or all (default: depends on the model)")
	flags.StringVar(&f.reads, "reads", "zookeeper",
		"consistency that reads must have: zookeeper (a read may be stale) or linearizable "+
			"(no read may be stale)")
	flags.StringVar(&f.sync, "sync", "leader",
		"who confirms a sync call: leader (as in ZooKeeper) or quorum")
	flags.DurationVar(&f.limit, "limit", judge.DefaultLimit,
		"time limit for each model; a check that takes longer is undecided")
	flags.StringVar(&f.porcupine, "porcupine", "",
		"write porcupine's diagram of the history to this file")
	flags.StringVar(&f.html, "html", "",
		"write the history to this file, as a page to step through in a browser")
	return cmd
}

// options returns the options of the judges that the flags select.
func (f *flags) options() (o judge.Options, err error) {
	for _, name := range f.models {
		i := slices.IndexFunc(lin.Models, func(m lin.Model) bool {
			return strings.HasPrefix(string(m), name+"/") || string(m) == name
		})
		if i < 0 || name == "" {
			return o, fmt.Errorf("--model %s: must be znode, register, lock or election", name)
		}
		o.Models = append(o.Models, lin.Models[i])
	}
	switch f.scope {
	case "", "writes", "all":
		o.Scope = lin.Scope(f.scope)
	default:
		return o, fmt.Errorf("--scope %s: must be writes or all", f.scope)
	}
	if f.reads != "zookeeper" && f.reads != "linearizable" {
		return o, fmt.Errorf("--reads %s: must be zookeeper or linearizable", f.reads)
	}
	if f.sync != "leader" && f.sync != "quorum" {
		return o, fmt.Errorf("--sync %s: must be leader or quorum", f.sync)
	}
	if f.limit <= 0 {
		return o, fmt.Errorf("--limit %s: must be more than zero, such as 20s", f.limit)
	}
	o.LinearizableReads, o.QuorumSync = f.reads == "linearizable", f.sync == "quorum"
	o.Limit = f.limit
	return o, nil
}

// run reads the history in the named file, judges it, and prints the verdicts.
func (f *flags) run(cmd *cobra.Command, name string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	h, err := readHistory(cmd, name)
	if err != nil {
		return err
	}
	if len(h.record.Ops) == 0 &&
		len(h.record.Beliefs)+len(h.record.Accesses)+len(h.record.Marks) == 0 {
		return fmt.Errorf("check %s: no operations: write one operation per line, as zablab "+
			"check --help "+
			"shows", name)
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
	if f.html != "" {
		if err := h.page(f.html, name, &j); err != nil {
			return err
		}
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), jsonOfCheck(name, &h.record, &j))
	} else {
		h.print(cmd.OutOrStdout(), name, f, &j)
	}
	if code := verdict.Code(j.Checks); code != command.OK {
		return command.Status(code)
	}
	return nil
}

// judgeRecord judges the record, and stops early on ^C.
func judgeRecord(cmd *cobra.Command, r *lin.Record, o judge.Options) (j judge.Judgement,
	err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		j, err = judge.Judge(nil, *r, o)
	}()
	select {
	case <-done:
		return j, err
	case <-cmd.Context().Done():
		return judge.Judgement{}, command.Status(command.Interrupted)
	}
}

// picture writes the diagram that porcupine draws of the history.
func (h *history) picture(name string, j *judge.Judgement) error {
	var b bytes.Buffer
	if err := lin.Page(&b, j.Picture(), judge.Annotations(h.events)...); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return command.WriteFile(name, b.Bytes())
}

// print prints the counts of a history, and its checks.
func (h *history) print(out io.Writer, name string, f *flags, j *judge.Judgement) {
	p := verdict.NewPrinter(out)
	r := &h.record
	clients := make(map[lin.Client]bool)
	unknown := 0
	for i := range r.Ops {
		clients[r.Ops[i].Client] = true
		if r.Ops[i].Outcome == lin.Unknown {
			unknown++
		}
	}
	what := fmt.Sprintf("%s of %s", terminal.Plural(len(r.Ops), "operation", "operations"),
		terminal.Plural(len(clients), "client", "clients"))
	if unknown > 0 {
		what += fmt.Sprintf(", %d without an answer", unknown)
	}
	if n := len(r.Events); n > 0 {
		what += ", " + terminal.Plural(n, "event", "events")
	}
	fmt.Fprintf(out, "%s  %s\n\n%s\n", p.Bold(name), p.Faint(what), p.Bold("Checked"))
	for i := range j.Checks {
		p.Check(&j.Checks[i])
	}
	for i := range j.Verdicts {
		if v := &j.Verdicts[i]; len(v.Left) > 0 {
			text := fmt.Sprintf("model %s left out %s, because the calls are unsupported or ambiguous",
				v.Model, terminal.Plural(len(v.Left), "operation", "operations"))
			fmt.Fprintf(out, "  %s\n", p.Faint(text))
		}
	}
	for _, file := range []string{f.porcupine, f.html} {
		if file != "" {
			fmt.Fprintf(out, "%s  %s\n", p.Bold("Written"), file)
		}
	}
	if f.porcupine+f.html != "" {
		return
	}
	if verdict.Code(j.Checks) == command.Broken {
		fmt.Fprintf(out, "%s  zablab check --porcupine page.html %s\n",
			p.Bold("See the history"), name)
	}
}

// JSON is the output of zablab check --json. Its keys are stable: keys may be added, but never
// renamed.
type JSON struct {
	History    string          `json:"history"`
	Operations int             `json:"operations"`
	Checks     []judge.Check   `json:"checks"`
	Figures    verdict.Figures `json:"figures"`
}

func jsonOfCheck(name string, r *lin.Record, j *judge.Judgement) JSON {
	return JSON{name, len(r.Ops), append([]judge.Check{}, j.Checks...),
		verdict.FiguresOf(&j.Figures)}
}
