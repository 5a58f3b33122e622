package fuzz

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/zab/flaw"
)

// hunting has the flags of zablab flaws that control a hunt.
type hunting struct {
	on    bool
	tell  bool // print the story of each flaw
	limit time.Duration
	seeds int
	dir   string // folder for schedules; empty for none

	feedback bool // and hunt again with feedback
	remix    bool // find Remix's bugs, and print the times side by side
	beyond   bool // list the bugs that the engine cannot have

	blind string // file for the key of blind folders; empty for none
	from  string // folder of schedules for blind folders; empty to hunt for them
	order uint64 // seed for the numbers of the blind folders

	engine   string // whose flaws: lab, or a library, or a version of it
	raft     string // folder with a checkout of the library
	versions string // of the library, to hunt in one after the other
}

// Flaws returns the command zablab flaws.
func Flaws() *cobra.Command {
	var h hunting
	cmd := &cobra.Command{
		Use:   "flaws [NAME...]",
		Short: "List bugs that ZooKeeper and its clients had, or hunt for them with the fuzzer",
		Long: `Lists the bugs (flaws) that can be injected, each with its number in ZooKeeper's
tracker. With a NAME the command lists, or hunts for, only this flaw; without one, all flaws.

--hunt injects one flaw after another, and fuzzes until a check fails. It prints the
check, the number of seeds, and the size of the shrunk schedule. Then it hunts again
without the checks on single servers: such a check may fail as soon as the flawed line
runs, before clients notice anything.

--explain prints the story of a flaw: what it does, the shortest schedule found that
shows it, what happens there, and what happens in the same schedule without the flaw.
--remix fuzzes, on one core, until it finds each bug that the model checker Remix found,
and prints how long the fuzzer and Remix took. --out-of-reach lists bugs of ZooKeeper
that the lab's engine cannot have, with the reason.

--engine raft lists open issues of hashicorp/raft instead of flaws, and --engine
etcd-raft lists issues of etcd-io/raft; NAME is then the number of an issue. With --hunt
the command plays the schedules that the lab keeps for each issue: in one version
(raft@v1.7.3), in a checkout (--raft DIR), or in several versions (--versions).

--blind prepares a test of whether a reader recognises a bug from its failure. It writes a
numbered folder for each flaw, with the files why.txt and diagram.md, which do not name the
flaw. The file that --blind names says which folder belongs to which flaw.

Exit status: 0 listed, or the hunt found all; 1 the hunt missed some; 2 wrong
usage; 130 interrupted.`,
		Example: "  zablab flaws\n  zablab flaws --hunt\n  zablab flaws --hunt close.no-mark\n" +
			"  zablab flaws --explain newleader.epoch-first\n" +
			"  zablab flaws --blind key.txt --out blind\n" +
			"  zablab flaws --engine raft --hunt 612 --versions v1.5.0,v1.7.3,v1.8.0\n" +
			"  zablab flaws --engine etcd-raft --hunt 397",
		RunE: func(cmd *cobra.Command, args []string) error { return h.run(cmd, args) },
	}
	h.flags(cmd.Flags())
	return cmd
}

// flags defines the flags.
func (h *hunting) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&h.tell, "explain", false,
		"find a run that shows the flaw, and describe that run as Markdown")
	flags.BoolVar(&h.on, "hunt", false, "inject each flaw and fuzz until a check fails")
	flags.BoolVar(&h.remix, "remix", false,
		"search, on one core, for the six bugs that model checking with Remix found")
	flags.BoolVar(&h.beyond, "out-of-reach", false,
		"list bugs that the engine cannot have, with the reason")
	flags.IntVar(&h.seeds, "seeds", 20_000, "maximum number of seeds for each hunt")
	flags.BoolVar(&h.feedback, "feedback", false,
		"hunt a second time, with the flag --feedback of zablab fuzz")
	flags.StringVar(&h.dir, "out", "", "folder for the shrunk schedules, one file for each flaw")
	flags.DurationVar(&h.limit, "for", time.Minute, "time limit for each hunt")
	flags.StringVar(&h.blind, "blind", "",
		"write a numbered folder for each flaw to the folder of --out, without the name of the "+
			"flaw; write to this file which number belongs to which flaw")
	flags.StringVar(&h.from, "from", "",
		"with --blind: take shrunk schedules (NAME.schedule) from this folder, instead of hunting")
	flags.StringVar(&h.engine, "engine", engineLab,
		"engine whose bugs to list or hunt: lab (ZooKeeper), raft (issues of hashicorp/raft) or "+
			"etcd-raft (issues of etcd-io/raft); raft@v1.7.3 names a version")
	flags.StringVar(&h.raft, "raft", "",
		"with --hunt and --engine raft or etcd-raft: folder with a checkout of the library, to "+
			"hunt in its code")
	flags.StringVar(&h.versions, "versions", "",
		"with --hunt and --engine raft or etcd-raft: hunt in these versions, separated by "+
			"commas; play all schedules in each version, even if a schedule has already shown "+
			"the issue")
	flags.Uint64Var(&h.order, "order", 1, "with --blind: seed that decides the order of the "+
		"folders")
}

// run lists flaws, or does with them what the flags say.
func (h *hunting) run(cmd *cobra.Command, args []string) error {
	if h.engine != engineLab {
		if err := h.check(); err != nil {
			return err
		}
		return h.known(cmd, args)
	}
	list, err := flawsOf(args)
	if err == nil {
		err = h.check()
	}
	switch {
	case err != nil:
		return err
	case h.raft != "" || h.versions != "":
		return errors.New("flaws --raft and --versions need --engine raft or etcd-raft: " +
			"add that flag")
	case h.beyond:
		listBeyond(cmd)
		return nil
	case h.remix:
		return besideRemix(cmd, list, h)
	case h.blind != "":
		return blind(cmd, list, h)
	case h.tell && len(args) == 0:
		return errors.New("flaws --explain: no flaw is named: write, for example, zablab flaws " +
			"--explain close.no-mark")
	case h.tell:
		return tellFlaws(cmd, list, h)
	case h.on:
		return hunt(cmd, list, h)
	}
	return listFlaws(cmd, list)
}

// check returns an error for invalid flags, and creates the folder for schedules.
func (h *hunting) check() error {
	switch {
	case h.seeds < 1:
		return fmt.Errorf("--seeds %d: must be at least 1", h.seeds)
	case h.limit <= 0:
		return fmt.Errorf("--for %s: must be more than zero, such as 1m", h.limit)
	case h.feedback && !h.on:
		return errors.New("flaws --feedback applies only to a hunt: add --hunt")
	case h.blind != "" && (h.dir == "" || h.on || h.tell):
		return errors.New("flaws --blind needs --out, and cannot be combined with --hunt or --explain: name a folder " +
			"with --out, and leave out the other flags")
	case h.blind == "" && h.from != "":
		return errors.New("flaws --from applies only to --blind: add --blind")
	case h.dir == "":
		return nil
	case h.blind != "":
	case !h.on:
		return errors.New("flaws --out is the folder for the schedules of a hunt: add --hunt")
	}
	return command.MakeFolder("--out", h.dir)
}

// flawsOf returns the flaws with these names, or all.
func flawsOf(names []string) (list []flaw.Entry, err error) {
	if len(names) == 0 {
		return flaw.All(), nil
	}
	for _, name := range names {
		e, ok := flaw.Find(name)
		if !ok {
			return nil, fmt.Errorf("flaws %s: no such flaw: zablab flaws lists all flaws", name)
		}
		list = append(list, e)
	}
	return list, nil
}

// jsonFlaw is one flaw in the output of zablab flaws --json, with the result of its hunt. Its keys
// are stable: keys may be added, but never renamed.
type jsonFlaw struct {
	Name     string    `json:"name"`
	Issue    string    `json:"issue"`
	Says     string    `json:"says"`
	Catches  string    `json:"catches"`
	Recipe   bool      `json:"recipe"`
	Found    *bool     `json:"found,omitempty"`
	Seeds    int       `json:"seeds,omitempty"`
	Ms       int64     `json:"ms,omitempty"`
	Property string    `json:"property,omitempty"`
	Plan     string    `json:"plan,omitempty"`
	Schedule string    `json:"schedule,omitempty"`
	Reached  *int      `json:"reached,omitempty"`      // its place, how often, if not found
	Outside  *jsonHunt `json:"clients_only,omitempty"` // without the checks on single servers
	Why      string    `json:"why,omitempty"`          // with --explain: what broke, and how
	Diagram  string    `json:"diagram,omitempty"`      // the end of the run, in Mermaid
	Sound    bool      `json:"sound,omitempty"`        // the same schedule breaks nothing without the flaw
	Feedback *jsonHunt `json:"feedback,omitempty"`     // with all checks, and with feedback
}

type jsonHunt struct {
	Found    bool   `json:"found"`
	Seeds    int    `json:"seeds"`
	Ms       int64  `json:"ms"`
	Property string `json:"property,omitempty"`
	Seed     string `json:"seed,omitempty"`
}

func jsonOfFlaw(e flaw.Entry) jsonFlaw {
	return jsonFlaw{Name: e.Name, Issue: e.Issue, Says: e.Says,
		Catches: strings.Join(e.Catches, ", "), Recipe: e.Recipe}
}

func listFlaws(cmd *cobra.Command, list []flaw.Entry) error {
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		all := []jsonFlaw{}
		for _, e := range list {
			all = append(all, jsonOfFlaw(e))
		}
		command.WriteJSON(out, map[string]any{"flaws": all})
		return nil
	}
	p := terminal.PaintFor(out)
	for _, e := range list {
		fmt.Fprintf(out, "%s  %s\n    %s\n    %s\n", p.Bold(e.Name), p.Faint(e.Issue),
			terminal.Wrap(e.Says, 92, "    "), p.Faint("caught by "+strings.Join(e.Catches, ", ")))
	}
	fmt.Fprintf(out, "\n%s. To let the fuzzer find these bugs: zablab flaws --hunt. "+
		"To list bugs that the engine cannot have: zablab flaws --out-of-reach\n",
		terminal.Plural(len(list), "flaw", "flaws"))
	return nil
}
