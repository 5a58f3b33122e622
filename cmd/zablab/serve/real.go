package serve

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/host"
	"github.com/zablab/zablab/zab"
)

// real are the flags of a server of its own.
type real struct {
	on     bool
	id     int
	peers  string
	data   string
	fresh  bool
	rejoin bool
	snaps  int
}

// simulated names the flags that only a simulated ensemble has.
var simulated = []string{"servers", "observers", "seed", "latency", "bandwidth", "fsync", "speed",
	"plan", "fault", "record", "memory"}

// needReal names the flags that only a server of its own has.
var needReal = []string{"id", "peers", "data", "new", "rejoin", "snap-count"}

func (r *real) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&r.on, "real", false, "run one real server, with real sockets, files and a "+
		"real clock, instead of a simulated ensemble")
	flags.IntVar(&r.id, "id", 0, "with --real: number of this server, from 1 to 63")
	flags.StringVar(&r.peers, "peers", "", "with --real: all servers of the ensemble, such as "+
		"1=127.0.0.1:2888,2=127.0.0.1:2889; add :observer to the address of an observer")
	flags.StringVar(&r.data, "data", "", "with --real: folder of this server's files")
	flags.BoolVar(&r.fresh, "new", false, "with --real: begin a new ensemble; only for the first "+
		"start of each server")
	flags.BoolVar(&r.rejoin, "rejoin", false, "with --real: get all data from the leader, because "+
		"this server has lost its disk")
	flags.IntVar(&r.snaps, "snap-count", 0, "with --real: number of transactions between "+
		"snapshots (default 10000); a lower number keeps fewer transactions in memory")
}

// check refuses flags that do not fit together.
func (r *real) check(cmd *cobra.Command, limit time.Duration) error {
	wrong, why := simulated, "this flag is only for a simulated ensemble: leave out this flag, "+
		"or leave out --real"
	if !r.on {
		wrong, why = needReal, "this flag is only for a real server: add --real"
	}
	for _, name := range wrong {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s: %s", name, why)
		}
	}
	switch {
	case !r.on:
		return nil
	case r.id < 1 || r.id > 63:
		return fmt.Errorf("--id %d: give this server's number, from 1 to 63", r.id)
	case r.peers == "":
		return errors.New("--peers: list all servers, such as 1=127.0.0.1:2888,2=127.0.0.1:2889")
	case r.data == "":
		return errors.New("--data: name the folder for this server's files")
	case r.fresh && r.rejoin:
		return errors.New("--new and --rejoin exclude each other: a server either begins a new " +
			"ensemble or rejoins its ensemble: leave out one of the flags")
	case limit < 0:
		return fmt.Errorf("--for %v: must not be negative", limit)
	case r.snaps < 0:
		return fmt.Errorf("--snap-count %d: must not be negative", r.snaps)
	}
	return nil
}

// hostConfig makes the configuration of the server, without its files.
func (f *flags) hostConfig() (c host.Config, err error) {
	var s engine.Stage
	if err := f.stageTo(&s); err != nil {
		return c, err
	}
	peers, err := host.ParsePeers(f.real.peers)
	if err != nil {
		return c, fmt.Errorf("--peers: %w", err)
	}
	port := 0
	switch len(f.ports) {
	case 0:
	case 1:
		port = f.ports[0]
	default:
		return c, fmt.Errorf("--ports: %d ports for one server: name one", len(f.ports))
	}
	c = host.Config{
		ID: zab.ID(f.real.id), Peers: peers,
		Client: net.JoinHostPort(f.address, strconv.Itoa(port)),
		Tick:   s.Tick, SnapCount: f.real.snaps, TTL: s.TTL, SuperDigest: s.SuperDigest,
		QuorumSync: s.QuorumSync, Words: f.words,
	}
	switch {
	case f.real.fresh:
		c.Begin = host.New
	case f.real.rejoin:
		c.Begin = host.Rejoin
	}
	for _, p := range peers {
		if address, _, _ := net.SplitHostPort(p.Address); !f.exposed && !net.ParseIP(address).IsLoopback() {
			return c, fmt.Errorf("--peers: %s: other machines could reach the servers, which do not "+
				"authenticate each other: add --exposed to allow this", p.Address)
		}
	}
	return c, f.checkAddress()
}

// runReal runs one server until ^C, or until it ends itself.
func (f *flags) runReal(cmd *cobra.Command) error {
	c, err := f.hostConfig()
	if err != nil {
		return err
	}
	if c.Files, err = openData(f.real.data); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a server lives long, and its memory is mostly data
	}
	name := fmt.Sprintf("S%d", c.ID)
	c.Log = func(line string) { fmt.Fprintf(cmd.ErrOrStderr(), "%s  %s\n", name, line) }
	serves := make(chan struct{}, 1)
	c.Changed = func(s host.Status) {
		if s.Serving {
			select {
			case serves <- struct{}{}:
			default:
			}
		}
	}
	s, err := host.Start(c)
	if err != nil {
		return err
	}
	ctx, stop := f.bounded(cmd.Context())
	defer stop()
	for said := false; ; {
		select {
		case <-serves:
			if !said {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", name, s.Address())
			}
			said = true
			continue
		case <-ctx.Done():
		case <-s.Done():
		}
		break
	}
	if err := s.Stop(); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "zablab: %s\n", strings.TrimSpace(err.Error()))
		return command.Status(command.Broken)
	}
	return nil
}

// openData opens the folder of a server.
func openData(path string) (host.Files, error) {
	d, err := host.OpenDir(path)
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	return d, nil
}
