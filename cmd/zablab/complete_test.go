package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
)

// TestCompletion: a shell offers chapters, claims, flaws, and the values of flags.
func TestCompletion(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"replay the-", "the-leader-dies the-herd"},
		{"replay the-herd the-", "the-leader-dies"},
		{"read two", "two-leaders"},
		{"lint first", "first-one-wins"},
		{"read claims", "claims/tutorial claims/book"},
		{"replay claims/t", "claims/tutorial"},
		{"flaws close.", "close.no-mark"},
		{"fuzz --flaw recipe.old", "recipe.old-self"},
		{"claims one-server", "one-server-is-one-point-of-failure"},
		{"learn hint two-l", "two-leaders"},
		{"replay --expiry=", "session disconnect"},
		{"replay --by ", "drawing time"},
		{"replay --format m", "mermaid"},
		{"lint --format ", "text github"},
		{"check --model z", "znode"},
		{"compare --only th", "throughput"},
		{"fuzz --mix ", "swarm common rare"},
		{"fuzz --bug ", "term vote ack read"},
		{"flaws --engine ", "lab raft etcd-raft"},
		{"serve --ttl ", "on off"},
		{"serve --sync ", "leader quorum"},
		{"atlas --who LE", "LEADER"},
		{"compare --engine raft,e", "raft,etcd-raft raft,etcd-raft+naps"},
		{"check --model znode,", "znode,register znode,lock znode,election"},
		{"trace diagram --depth ", "client server"},
		{"trace show --kind op.", "op.call op.ret"},
		{"trace show --kind recv,op.c", "recv,op.call"},
	} {
		args := append([]string{"__complete"}, strings.Split(c.typed, " ")...)
		_, out, _ := zablab(args...)
		got := strings.Fields(strings.Split(out, ":")[0])
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.typed, got, want)
		}
	}
}

// TestCompletionKnowsFlags: the help of each flag has every offered value, unless a command lists
// them. Each flag that accepts only a few values offers them.
func TestCompletionKnowsFlags(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for name, list := range values[cmd.Name()] {
			flag := cmd.Flags().Lookup(name)
			if flag == nil {
				continue
			}
			for _, v := range list {
				if name != "flaw" && name != "workload" && name != "kind" && !strings.Contains(flag.Usage, v) {
					t.Errorf("%s --%s: %q does not name %s", cmd.Name(), name, flag.Usage, v)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			offered := values[cmd.Name()][flag.Name] != nil
			if flag.Value.Type() == "bool" || offered || slices.Contains(anyValue, flag.Name) {
				return
			}
			t.Errorf("%s --%s is neither completed nor one of the flags that accept any value",
				cmd.CommandPath(), flag.Name)
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
	replay, _, _ := newRoot().Find([]string{"replay"})
	for _, name := range []string{"by", "depth", "engine", "expiry", "format", "reads", "sync"} {
		if replay.Flags().Lookup(name) == nil || values["replay"][name] == nil {
			t.Errorf("replay --%s is not completed", name)
		}
	}
}

// anyValue are the flags that accept any name, file, number, time or address.
var anyValue = strings.Fields(`address after around at atlas bandwidth baseline batch before blind causes clone connect
	crashes data detect diagram dir disk-bandwidth disks effects epochs exercises fault for
	from fsync guest html id latency limit lines listen longest-wait memory most mute node
	observers of order out output pct peers plan porcupine ports power raft reach record
	resample results resume rounds runs save schedule seed seeds servers session-timeout
	shard snap-count span speed super-digest tick timeouts to trace until verify versions
	width wipes words workers world writes spill`)

func TestVersion(t *testing.T) {
	code, out, errOut := zablab("--version")
	if code != command.OK || errOut != "" || !regexp.MustCompile(`^zablab version .*, go1\.\d+`).MatchString(out) {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}
