package suspects

import (
	"context"
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/etcdraft"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/sim"
)

// Kind describes a Raft library on which the fuzzer can play schedules: its name, its version, and
// its known issues. [Kind.Open] returns a [Suspect].
type Kind struct {
	Engine  string // its name in schedules, and for --engine
	Library trial.Library
	Version string  // in go.mod
	Known   []Known // issues, by number

	open  func(ctx context.Context, from guest.Source, tell func(string)) (*guest.Host, error)
	words map[string]string // other names for messages that hashicorp/raft has
	// tune, if set, draws settings of the library that schedules do not have.
	tune func(c *trial.Config, chance *sim.Rand)
}

// kinds are the libraries. The engine of etcd-io/raft is not named etcd: that name stands for real
// servers of etcd (zablab replay --engine etcd).
var kinds = []*Kind{
	{
		Engine: "raft", Library: hashicorp.Library{}, Version: "v1.8.0",
		Known: knownIssues, open: hashicorp.Open,
	},
	{
		Engine: "etcd-raft", Library: etcdraft.Library{}, Version: "v3.7.0",
		Known: etcdIssues, open: etcdraft.Open,
		words: map[string]string{"SNAPDATA": "INSTALL"}, // one message has the whole snapshot
		tune: func(c *trial.Config, chance *sim.Rand) {
			c.Append, c.Pipeline = []int{1, 4, 64}[chance.Intn(3)],
				[]int{1, 2, 8, 256}[chance.Intn(4)]
		},
	},
}

// Kinds returns all libraries.
func Kinds() []*Kind { return slices.Clone(kinds) }

// Find returns the library whose engine has the given name, or nil if there is no such library.
func Find(engine string) *Kind {
	for _, k := range kinds {
		if k.Engine == engine {
			return k
		}
	}
	return nil
}

// Bugs returns the names of the bugs that can be injected into the server program that uses a Raft
// library. They are the same for every library.
func Bugs() []string { return []string{"term", "vote", "ack", "read"} }

// Open returns a suspect that runs the library in a compiled server. It reads the server from file.
// If file is empty, Open compiles the server from this module and from the library's code, which it
// gets from the given source. It calls tell, if not nil, before it compiles.
func (k *Kind) Open(ctx context.Context, file string, from guest.Source, tell func(string)) (*Suspect,
	error) {
	var host *guest.Host
	var err error
	if file != "" {
		host, err = guest.OpenFile(ctx, file)
	} else if host, err = k.open(ctx, from, tell); err != nil && from == (guest.Source{}) {
		err = fmt.Errorf("%w; instead of building the server, you can pass a prebuilt server with "+
			"--guest", err)
	}
	if err != nil {
		return nil, err
	}
	return &Suspect{Kind: k, host: host, from: from}, nil
}
