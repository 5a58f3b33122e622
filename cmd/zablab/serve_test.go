package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
)

// runWith is run with a standard input.
func runWith(input string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	root := newRoot()
	root.SetIn(strings.NewReader(input))
	code = command.Run(context.Background(), root, args, &o, &e)
	return code, o.String(), e.String()
}

// Lines of standard input are faults and questions, and a recorded session is played again.
func TestServe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.inputs")
	code, out, errOut := runWith("status\ncrash LEADER\nbogus\n\nhelp\nquit\n", "serve", "--speed", "100",
		"--seed", "7", "--record", file)
	if code != command.OK {
		t.Fatalf("exit status %d: %s%s", code, out, errOut)
	}
	for _, want := range []string{"S3  127.0.0.1:", "Serving  127.0.0.1:", "LEADING, epoch 1",
		": done", `unknown verb "bogus"`, "0 clients, 0 operations, 1 fault", "✓ 1 check"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	trace := filepath.Join(t.TempDir(), "run.ndjson")
	code, again, errOut := runWith("", "replay", "--trace", trace, file)
	if code != command.OK || !strings.Contains(again, "✓ as recorded") {
		t.Errorf("exit status %d: %s%s", code, again, errOut)
	}
	if code, show, errOut := runWith("", "trace", "show", trace); code != command.OK ||
		!strings.Contains(show, "crash") {
		t.Errorf("exit status %d: %s%s", code, show, errOut)
	}
	for _, flag := range []string{"--seed=3", "--fix", "--plan=x"} {
		if code, _, errOut := runWith("", "replay", flag, file); code != command.Usage ||
			!strings.Contains(errOut, "cannot be changed") {
			t.Errorf("%s: exit status %d: %s", flag, code, errOut)
		}
	}
}

// A recording that is cut off, or of another version, is never shown as the same.
func TestServeRecordings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.inputs")
	runWith("crash S1\nquit\n", "serve", "--speed", "100", "--record", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	last := bytes.LastIndex(whole, []byte(`"fingerprint":"`)) + len(`"fingerprint":"`)
	other := bytes.Clone(whole)
	copy(other[last:], "0123456789abcdef")
	for _, x := range []struct {
		name string
		text []byte
		code int
		want string
	}{
		{"cut off", bytes.Join(lines[:len(lines)-2], nil), command.OK, "has no end"},
		{"another version", other, command.Broken, "✗ the recorded run had another"},
		{"no header", []byte(`{"schema":"zablab.inputs/1","stage":"servers=x"}`), command.Usage, "line 1"},
		{"no input", append(bytes.Clone(lines[0]), "{}\n"...), command.Usage, "line 2: unknown input"},
		{"too long", append(bytes.Clone(lines[0]), `{"at":9223372036854775807,"in":"fault"}`...),
			command.Usage, "30 days"},
	} {
		if err := os.WriteFile(file, x.text, 0o644); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := runWith("", "replay", file)
		if code != x.code || !strings.Contains(out+errOut, x.want) {
			t.Errorf("%s: exit status %d: %s%s", x.name, code, out, errOut)
		}
	}
}

func TestServeRefuses(t *testing.T) {
	for want, args := range map[string]string{
		"add --exposed":          "--address 0.0.0.0",
		"not an IP address":      "--address here",
		"name one port for each": "--ports 1,2",
		"from 1 to 1000":         "--speed 0",
		"is not a number":        "--servers many",
		"10s crash LEADER":       "--fault crash_LEADER",
		"unknown verb":           "--fault 1s_explode_S1",
		"no machine S9":          "--fault 1s_crash_S9",
		"existing folder":        "--record /nowhere/run",
		"must not be negative":   "--for -1s",
	} {
		var list []string
		for _, a := range strings.Fields(args) {
			list = append(list, strings.ReplaceAll(a, "_", " "))
		}
		code, out, errOut := runWith("quit\n", append([]string{"serve"}, list...)...)
		if code != command.Usage || !strings.Contains(errOut, want) {
			t.Errorf("serve %s: exit status %d, want %q: %s%s", args, code, want, out, errOut)
		}
	}
}
