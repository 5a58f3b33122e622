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
	"github.com/zablab/zablab/scenarios/learn"
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
	"serve": {"sync": {"leader", "quorum"}, "ttl": {"on", "off"}, "bandwidth": {"unlimited"}},
	"lint":  {"format": {"text", "github"}},
	"fuzz": {
		"mix": {"swarm", "common", "rare"}, "flaw": flaws(), "workload": workloads(),
		"engine": {"lab", "raft", "etcd-raft"}, "naps": {"on", "off"},
		"bug": {"term", "vote", "ack", "read"},
	},
	"flaws": {"engine": {"lab", "raft", "etcd-raft"}},
	"check": {
		"model": models(), "scope": {"writes", "all"}, "reads": {"zookeeper", "linearizable"},
		"sync": {"leader", "quorum"},
	},
	"explore": {"flaw": flaws()},
	"atlas":   {"fault": atlas.Faults(), "who": {"servers", "all", "LEADER"}},
	"compare": {
		"engine": {"raft", "etcd-raft", "raft+naps", "etcd-raft+naps", "zookeeper"},
		"only":   compare.Parts(), "bandwidth": {"unlimited"}, "disk-bandwidth": {"unlimited"},
	},
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

// complete sets up shell completion: names of documents, claims, flaws, setups and exercises, and
// values of flags.
func complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "replay", "read", "lint", "atlas", "odds":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveDefault, documentNames) // files too
		case "explore":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, setups)
		case "flaws":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, flaws)
		case "claims":
			cmd.ValidArgsFunction = offer(cobra.ShellCompDirectiveNoFileComp, claimNames)
		}
		completeFlags(cmd)
		for _, sub := range cmd.Commands() {
			switch cmd.Name() + " " + sub.Name() {
			case "learn check", "learn hint", "learn show":
				sub.ValidArgsFunction = offer(cobra.ShellCompDirectiveDefault, exercises)
			}
			completeFlags(sub)
		}
	}
}

// completeFlags sets up completion for the flags of a command that have fixed values.
func completeFlags(cmd *cobra.Command) {
	for name, list := range values[cmd.Name()] {
		flag := cmd.Flags().Lookup(name)
		if flag == nil {
			continue
		}
		complete := offer(cobra.ShellCompDirectiveNoFileComp, func() []string { return list })
		if flag.Value.Type() == "stringSlice" || manyOf[cmd.Name()+" "+name] {
			complete = offerMore(list)
		}
		// RegisterFlagCompletionFunc fails only for unknown flags and for repeated registrations.
		_ = cmd.RegisterFlagCompletionFunc(name, complete)
	}
}

// manyOf are the flags of strings that accept several values, separated by commas.
var manyOf = map[string]bool{"compare engine": true, "atlas who": true}

// offer returns a completion function: the words of the list that begin as typed and are not on the
// command line yet.
func offer(directive cobra.ShellCompDirective, list func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion,
		cobra.ShellCompDirective) {
		return fitting(list(), args, "", typed), directive
	}
}

// offerMore returns a completion function for values that are separated by commas.
func offerMore(list []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion,
		cobra.ShellCompDirective) {
		at := strings.LastIndexByte(typed, ',') + 1
		used := strings.Split(typed[:at], ",")
		return fitting(list, used, typed[:at], typed[at:]), cobra.ShellCompDirectiveNoFileComp
	}
}

// fitting returns the words that begin as typed and are not used yet, each after what comes before
// it.
func fitting(words, used []string, before, typed string) (fit []cobra.Completion) {
	for _, word := range words {
		if strings.HasPrefix(word, typed) && !slices.Contains(used, word) {
			fit = append(fit, before+word)
		}
	}
	return fit
}

// documentNames returns the names of the documents that come with the lab.
func documentNames() (list []string) {
	for _, c := range book.Chapters() {
		list = append(list, book.ShortName(c.Name))
	}
	pages, err := claims.Documents()
	if err != nil {
		return list
	}
	for _, page := range pages {
		list = append(list, strings.TrimSuffix(page.Name, ".md"))
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

func exercises() (list []string) {
	for _, x := range learn.All() {
		list = append(list, x.Name)
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
