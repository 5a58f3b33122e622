package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/compare"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/atlas"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// values are the values of each flag that accepts only a few, by command and flag.
var values = map[string]map[string][]string{
	"replay": {
		"by": {"drawing", "time"}, "depth": {"client", "server"}, "engine": {"lab", "zookeeper", "etcd"},
		"expiry": {"session", "disconnect"}, "sync": {"leader", "quorum"},
		"client": {"curator", "kazoo", "go", "java", "plain"}, "flaw": flaws(),
		"reads": {"zookeeper", "linearizable"}, "format": {"text", "mermaid"},
	},
	"lint": {"format": {"text", "github"}},
	"fuzz": {
		"mix": {"swarm", "common"}, "flaw": flaws(), "workload": workloads(),
		"engine": {"lab", "raft", "etcd-raft"}, "naps": {"on", "off"}, "bug": {"term", "vote", "ack"},
	},
	"check": {
		"model": models(), "scope": {"writes", "all"}, "reads": {"zookeeper", "linearizable"},
		"sync": {"leader", "quorum"},
	},
	"explore": {"flaw": flaws()},
	"atlas":   {"fault": atlas.Faults()},
	"compare": {"engine": {"raft", "etcd-raft", "zookeeper"}, "only": compare.Parts()},
	"diagram": {"depth": {"client", "server"}},
	"show":    {"kind": kinds()},
}

// kinds are the kinds of events in a trace.
func kinds() (list []string) {
	for k := sim.RecordKind(0); k < 255; k++ {
		if name := narration.KindName(k); name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// complete sets up shell completion: names of chapters, claims and flaws, and values of flags.
func complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "replay", "read", "lint", "atlas", "odds":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveDefault, chapters) // files too
		case "explore":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, setups)
		case "flaws":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, flaws)
		case "claims":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, claimNames)
		}
		completeFlags(cmd)
		for _, sub := range cmd.Commands() {
			completeFlags(sub)
		}
	}
}

// completeFlags sets up completion for the flags of a command that have fixed values.
func completeFlags(cmd *cobra.Command) {
	for name, list := range values[cmd.Name()] {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		// RegisterFlagCompletionFunc fails only for unknown flags and for repeated registrations.
		_ = cmd.RegisterFlagCompletionFunc(name, offer(cobra.ShellCompDirectiveNoFileComp,
			func() []string { return list }))
	}
}

// offer returns a completion function: the words of the list that begin as typed and are not on the
// command line yet.
func offer(directive cobra.ShellCompDirective, list func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion,
		cobra.ShellCompDirective) {
		var fit []cobra.Completion
		for _, word := range list() {
			if strings.HasPrefix(word, typed) && !slices.Contains(args, word) {
				fit = append(fit, word)
			}
		}
		return fit, directive
	}
}

func chapters() (list []string) {
	for _, c := range book.Chapters() {
		list = append(list, book.ShortName(c.Name))
	}
	return list
}

func flaws() (list []string) {
	for _, e := range flaw.All() {
		list = append(list, e.Name)
	}
	return list
}

func setups() (list []string) {
	for _, s := range explore.Setups() {
		list = append(list, s.Name)
	}
	return list
}

func workloads() (list []string) {
	for _, w := range workload.Every() {
		list = append(list, w.Name)
	}
	return list
}

func claimNames() (list []string) {
	docs, err := claims.Documents()
	if err != nil {
		return nil
	}
	for _, doc := range docs {
		names, err := claims.Names(doc)
		if err != nil {
			return nil
		}
		list = append(list, names...)
	}
	return list
}

func models() (list []string) {
	for _, m := range lin.Models {
		name, _, _ := strings.Cut(string(m), "/")
		list = append(list, name)
	}
	return list
}
