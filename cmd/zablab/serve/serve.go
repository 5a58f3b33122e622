package serve

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/gateway/live"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
)

// flags are the flags of zablab serve.
type flags struct {
	settings []setting
	address  string
	ports    []int
	exposed  bool
	speed    int
	plan     string
	faults   []string
	record   string
	words    []string
	limit    time.Duration

	real   real
	memory memory

	later []later // the faults of --plan and --fault that name LEADER
}

// setting is a flag that sets one setting of the stage.
type setting struct{ key, value string }

// settings are the flags for the stage, with their help.
var settings = []struct{ key, help string }{
	{"servers", "number of voting servers (default 3)"},
	{"observers", "number of observers in addition to the voting servers"},
	{"seed", "seed, such as 7 or 0x51c3 (default 1)"},
	{"tick", "unit of the servers' clocks (default 2s)"},
	{"latency", "one-way latency of a link (default 1ms..5ms)"},
	{"bandwidth", "bits a second in each direction of a link, such as 100Mbit (default unlimited)"},
	{"fsync", "duration of an fsync (default 500us..3ms)"},
	{"ttl", "on or off: whether clients may create nodes with a time to live (default off, as in " +
		"ZooKeeper)"},
	{"super-digest", "digest ID of the super user, such as super:D/InIHSb7yEEbrWz8b9l71RjZJU="},
	{"sync", "who confirms a sync call: leader (default, as in ZooKeeper) or quorum"},
}

// Command returns the command zablab serve.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve real ZooKeeper clients on a simulated ensemble, and inject faults",
		Long: `Serves clients that speak ZooKeeper's protocol. Each server listens on its own port. The
servers, their network and their disks are simulated; the simulated clock follows real time.
Client libraries connect, are moved to other servers, and lose their sessions as they
would on a real ensemble.

Write a fault on standard input to make it happen now: crash S2, split S1 | S2 S3,
heal, expire C1, crash LEADER. Other commands: status, help, quit. Each new session
becomes a client named C1, C2 and so on. At the end the lab checks the calls of the
clients and their answers, as zablab check does. With --record, zablab replay plays the
run again without the clients.

After 20,000 operations, or 1/64 of --memory in requests and replies, the history so far is
checked and forgotten: for this, new requests wait until all earlier ones are answered, half a second at
most. So memory depends on the size of the tree, not on the time, if no check fails. When the
run has used a quarter of --memory nevertheless, it ends and is checked; the checks need the
rest. Not implemented: SASL, TLS, reconfiguration.

With --real, the command runs one real server instead: the same server code, with real
sockets, files and a real clock. Start one process for each server. A server survives
kill -9 and the loss of power. Do not use these servers in place of ZooKeeper: they do not
authenticate each other, nothing is encrypted, and no Apache ZooKeeper server can join.
Nothing is recorded or checked; ^C ends the server.

Exit status: 0 everything holds; 1 a check failed, or with --real, the server has stopped
by itself; 2 wrong usage; 4 a check is undecided.`,
		Example: "  zablab serve\n" +
			"  zablab serve --servers 5 --ports 2181,2182,2183,2184,2185\n" +
			"  zablab serve --fault '10s crash LEADER' --record run.inputs\n" +
			"  zablab serve --real --id 1 --peers 1=127.0.0.1:2888 --data s1 --new --ports 2181",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.real.check(cmd, f.limit); err != nil {
				return err
			}
			if f.real.on {
				return f.runReal(cmd)
			}
			return f.run(cmd)
		},
	}
	f.define(cmd)
	return cmd
}

// define defines the flags.
func (f *flags) define(cmd *cobra.Command) {
	set := cmd.Flags()
	for _, s := range settings {
		set.Func(s.key, s.help, func(value string) error {
			f.settings = append(f.settings, setting{s.key, value})
			return nil
		})
	}
	set.StringVar(&f.address, "address", "127.0.0.1", "IP address to listen on")
	set.IntSliceVar(&f.ports, "ports", nil,
		"ports of the servers, comma-separated (default: free ports)")
	set.BoolVar(&f.exposed, "exposed", false,
		"allow addresses in --address and --peers that other machines can reach; there is no "+
			"authentication")
	set.IntVar(&f.speed, "speed", 1, "how many times faster than real time the servers' "+
		"clocks run")
	set.StringVar(&f.plan, "plan", "",
		"inject the faults in this file, one per line; times count from the start")
	set.StringArrayVar(&f.faults, "fault", nil,
		"inject a fault, such as '10s crash LEADER' or 'at S1 fsync 3 crash S1'; may be repeated")
	set.StringVar(&f.record, "record", "",
		"file in which to record what clients and faults do, for zablab replay")
	set.StringSliceVar(&f.words, "words", nil,
		"four-letter words to answer, such as ruok,srvr (default: all that are implemented)")
	set.DurationVar(&f.limit, "for", 0, "end after this time, such as 90s (default: at "+
		"^C or quit)")
	f.memory = 4 << 30
	set.Var(&f.memory, "memory", "how much memory the run and its checks may use")
	f.real.define(cmd)
}

const (
	// checkEvery is after how many operations the history so far is checked and forgotten.
	checkEvery = 20_000
	// snapshots is the number of transactions between a server's snapshots. A server keeps about four
	// times as many in memory, and the audit the hashes of as many.
	snapshots = 5000
)

// run serves until the end, and prints the checks.
func (f *flags) run(cmd *cobra.Command) (err error) {
	config, plan, err := f.check()
	if err != nil {
		return err
	}
	defer f.memory.bound()()
	config.SnapCount = snapshots
	w, err := gateway.New(config)
	if err != nil {
		return err
	}
	if err := w.Ensemble.World.Schedule(plan); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	finish := func() error { return nil }
	if f.record != "" {
		if finish, err = f.recordTo(w, plan); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	host := live.Start(w, live.Config{Speed: f.speed, Words: f.words, CheckEvery: checkEvery,
		CheckBytes: int(f.memory / 64), Log: func(line string) {
			fmt.Fprintf(cmd.ErrOrStderr(), "zablab: %s\n", line)
		}})
	if err := f.listen(out, host, w.Ensemble.ServerNames()); err != nil {
		_ = host.Close()
		return err
	}
	full := f.wait(cmd, host)
	failed := host.Close()
	if err := finish(); err != nil {
		return err
	}
	s := session{world: w, figures: host.Figures(), again: f.record, full: full}
	if full {
		fmt.Fprintf(cmd.ErrOrStderr(), "zablab: the run ends here, because it has used a quarter "+
			"of --memory %v, and the checks need the rest: raise --memory for a longer "+
			"run\n", f.memory)
	}
	if failed != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "zablab: the run has ended: %v\n", failed)
	}
	return s.print(cmd)
}

// stageTo applies the settings to a stage.
func (f *flags) stageTo(s *engine.Stage) error {
	for _, set := range f.settings {
		if err := stage.Set(s, set.key, set.value); err != nil {
			return fmt.Errorf("--%s %s: %w", set.key, set.value, err)
		}
	}
	return nil
}

// bounded returns a context that ends with ctx, with the time of --for, or when stop is called.
func (f *flags) bounded(ctx context.Context) (bounded context.Context, stop context.CancelFunc) {
	if f.limit > 0 {
		return context.WithTimeout(ctx, f.limit)
	}
	return context.WithCancel(ctx)
}

// check reads the settings, the plan and the addresses.
func (f *flags) check() (c ensemble.Config, plan sim.Plan, err error) {
	if err := f.stageTo(&c.Stage); err != nil {
		return c, nil, err
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	c.SetDefaults()
	if err := f.checkAddress(); err != nil {
		return c, nil, err
	}
	switch {
	case len(f.ports) > 0 && len(f.ports) != c.Servers+c.Observers:
		return c, nil, fmt.Errorf("--ports: %d ports for %d servers: name one port for each server",
			len(f.ports), c.Servers+c.Observers)
	case f.speed < 1 || f.speed > 1000:
		return c, nil, fmt.Errorf("--speed %d: must be from 1 to 1000", f.speed)
	case f.limit < 0:
		return c, nil, fmt.Errorf("--for %v: must not be negative", f.limit)
	}
	text := strings.Join(f.faults, "\n")
	if f.plan != "" {
		b, err := command.ReadFile(f.plan)
		if err != nil {
			return c, nil, err
		}
		text = string(b) + "\n" + text
	}
	if text, err = f.takeLater(text); err != nil {
		return c, nil, err
	}
	plan, err = sim.ParsePlan(cmp.Or(f.plan, "--fault"), text)
	return c, plan, err
}

// checkAddress refuses an address that other machines can reach, unless the user allows it.
func (f *flags) checkAddress() error {
	ip := net.ParseIP(f.address)
	switch {
	case ip == nil:
		return fmt.Errorf("--address %s: not an IP address: write one, such as 127.0.0.1", f.address)
	case !ip.IsLoopback() && !f.exposed:
		return fmt.Errorf("--address %s: other machines could reach the servers, which "+
			"ask for no password: add --exposed to allow this", f.address)
	}
	return nil
}

// recordTo writes the inputs of the world to the file of --record. finish writes its last line.
func (f *flags) recordTo(w *gateway.World, plan sim.Plan) (finish func() error, err error) {
	file, err := os.Create(f.record)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w: name a file in an existing folder", f.record,
			command.Cause(err))
	}
	buffer := bufio.NewWriterSize(file, 1<<16)
	writer, err := gateway.NewWriter(buffer, w.Ensemble.Config(), plan)
	if err != nil {
		return nil, err
	}
	w.In = writer.Write
	return func() error {
		if err := errors.Join(writer.Close(w.Ensemble), buffer.Flush(), file.Close()); err != nil {
			return fmt.Errorf("write %s: %w: the recording is incomplete", f.record,
				command.Cause(err))
		}
		return nil
	}, nil
}

// listen opens the ports, waits until the servers serve, and prints their addresses.
func (f *flags) listen(out io.Writer, host *live.Host, names []string) error {
	var all []string
	for i, name := range names {
		port := 0
		if len(f.ports) > 0 {
			port = f.ports[i]
		}
		addr, err := host.Listen(name, net.JoinHostPort(f.address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		all = append(all, addr.String())
	}
	if err := host.Ready(time.Minute); err != nil {
		return err
	}
	for i, name := range names {
		fmt.Fprintf(out, "%s  %s\n", name, all[i])
	}
	fmt.Fprintf(out, "Serving  %s\n", strings.Join(all, ","))
	return nil
}

// wait reads faults and questions from standard input until the end. full reports whether the
// session has ended because it has used its memory.
func (f *flags) wait(cmd *cobra.Command, host *live.Host) (full bool) {
	ctx, stop := f.bounded(cmd.Context())
	defer stop()
	p := &prompt{host: host, out: cmd.OutOrStdout(), in: cmd.InOrStdin(), quit: stop}
	for _, l := range f.later {
		timer := time.AfterFunc(l.after(f.speed), func() { p.inject(l.line) })
		defer timer.Stop()
	}
	go p.read()
	used := make(chan struct{})
	go func() {
		if f.memory.usedUp(ctx) {
			close(used)
		}
	}()
	select {
	case <-ctx.Done():
	case <-host.Done():
	case <-used:
		full = true
	}
	return full
}
