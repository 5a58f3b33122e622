// Command server is a server of unmodified hashicorp/raft on a machine of the lab (package
// guest/machine): registers as its state machine, hashicorp/raft's own NetworkTransport on the
// machine's connections, and a log store, stable store and snapshot store on the machine's disk. It
// keeps the contract of package raft/contract.
//
// # Whose code is what
//
// hashicorp/raft and its transport are unchanged. This program adds the stream layer, the stores
// (like raft-boltdb, they return when the bytes are durable), the state machine, the clients' port,
// and the sink of go-metrics. raft calls that sink from its own goroutines. The sink sometimes
// yields or sleeps there ([metricsSink]), because a thread may lose its processor at any call.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

func main() {
	fmt.Fprintln(os.Stderr, serve())
	os.Exit(1)
}

// number returns a setting that is a number.
func number(key string) int {
	n, _ := strconv.Atoi(machine.Setting(key))
	return n
}

// span returns a setting that is a time in µs.
func span(key string) time.Duration { return time.Duration(number(key)) * time.Microsecond }

func config() *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(machine.Name())
	c.Logger = hclog.NewNullLogger()
	if machine.Setting("log") != "" {
		c.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: os.Stderr})
	}
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout =
		span("heartbeat"), span("election"), span("lease")
	c.CommitTimeout, c.MaxAppendEntries = span("commit"), number("append")
	set(c, "PreVoteDisabled", machine.Setting("prevote") == "off") // from v1.7.0 on
	c.SnapshotThreshold, c.SnapshotInterval, c.TrailingLogs = uint64(number("snap-threshold")),
		span("snap-interval"), uint64(number("trailing"))
	return c
}

// serve runs the server. It returns only when the server cannot go on.
func serve() error {
	watchMetrics()
	c := config()
	peers, err := machine.Listen(contract.PortPeers)
	if err != nil {
		return err
	}
	t := &raft.NetworkTransportConfig{
		Logger: c.Logger, Stream: layer{peers}, MaxPool: 3, Timeout: span("timeout"),
	}
	set(t, "MaxRPCsInFlight", number("pipeline")) // from v1.5.0 on
	transport := raft.NewNetworkTransportWithConfig(t)
	disk := openStore(machine.Setting("bug"))
	snapshots := openSnapshots()
	exists, err := raft.HasExistingState(disk, disk, snapshots)
	switch {
	case err != nil:
		return err
	case machine.Setting("lost") != "":
		return errors.New("the disk was replaced: a server of Raft that has forgotten its votes must " +
			"not come back under its old name")
	case !exists:
		var all raft.Configuration
		for _, name := range strings.Fields(machine.Setting("servers")) {
			all.Servers = append(all.Servers, raft.Server{
				ID: raft.ServerID(name), Address: raft.ServerAddress(name),
			})
		}
		if err := raft.BootstrapCluster(c, disk, disk, snapshots, transport, all); err != nil {
			return err
		}
	}
	n := &node{fsm: newTable()}
	if n.raft, err = raft.NewRaft(c, n.fsm, disk, disk, snapshots, transport); err != nil {
		return err
	}
	n.raft.RegisterObserver(raft.NewObserver(nil, false, func(o *raft.Observation) bool {
		if state, ok := o.Data.(raft.RaftState); ok {
			n.became(state)
		}
		return false
	}))
	n.became(n.raft.State())
	return n.listen()
}
