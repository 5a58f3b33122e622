package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/tree"
)

// TestCheckRefusesUnknownCodes: check refuses a code that does not exist, because such an operation
// would be judged as without effect. It accepts every code of the tree, by its name.
func TestCheckRefusesUnknownCodes(t *testing.T) {
	const line = `{"client":"A","op":"create","path":"/x","call":1,"return":2,"code":%q}` + "\n"
	h := file(t, "h.jsonl", fmt.Sprintf(line, "node exist"))
	code, out, errOut := zablab("check", h)
	want := h + `:1:61: unknown code "node exist": write "node exists", "no node", `
	if code != command.Usage || out != "" || !strings.Contains(errOut, want) {
		t.Errorf("exit %d: %s%s\nwant %s", code, out, errOut, want)
	}
	for c := tree.Code(-1); c > -200; c-- {
		words := c.Error()
		if strings.HasPrefix(words, "error ") || c == tree.NotEmpty ||
			c == tree.NoChildrenForEphemerals { // which the judges call otherwise
			continue
		}
		if code, _, errOut := zablab("check", file(t, "h.jsonl", fmt.Sprintf(line, words))); code ==
			command.Usage {
			t.Errorf("%s: %s", words, errOut)
		}
	}
}

// TestTraceShowRefuses: trace show refuses kinds and nodes that the trace does not have, and lists
// those that it has.
func TestTraceShowRefuses(t *testing.T) {
	name := recorded(t)
	for _, c := range []struct{ flag, value, want string }{
		{"--kind", "foo", "no events of that kind: the trace has "},
		{"--kind", "recv,comit", "--kind comit: no events of that kind"},
		{"--node", "S9", "no such node: the trace has S1, S2, S3, A, B, C"},
	} {
		for _, more := range [][]string{nil, {"--around", "1s"}} {
			args := append([]string{"trace", "show", name, c.flag, c.value}, more...)
			code, out, errOut := zablab(args...)
			if code != command.Usage || out != "" || !strings.Contains(errOut, c.want) {
				t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
			}
		}
	}
}
