package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/scenarios/loopback"
)

// watched is an output that calls seen when a line is complete.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	seen func(text string)
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	w.seen(w.text.String())
	return len(b), nil
}

// TestServeReal: a server of its own makes its files, serves, ends at ^C, and starts with its files
// again.
func TestServeReal(t *testing.T) {
	reserved, err := loopback.Reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	defer reserved.Close()
	ports := reserved.Ports
	dir := filepath.Join(t.TempDir(), "s1")
	serve := func(more ...string) (code int, out, errOut string) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		o := &watched{seen: func(text string) {
			if strings.HasPrefix(text, "S1  127.0.0.1:") {
				stop()
			}
		}}
		var e bytes.Buffer
		args := []string{"serve", "--real", "--id", "1", "--peers", "1=" + loopback.Address(ports[0]),
			"--data", dir, "--tick", "100ms"}
		code = run(ctx, append(args, more...), o, &e)
		return code, o.text.String(), e.String()
	}
	code, _, errOut := serve()
	if code != 2 || !strings.Contains(errOut, "the folder contains no server's files") {
		t.Errorf("without files: status %d, %s", code, errOut)
	}
	for _, more := range [][]string{{"--new"}, nil} {
		code, out, errOut := serve(more...)
		if code != 0 || !strings.HasPrefix(out, "S1  127.0.0.1:") ||
			!strings.Contains(errOut, "S1  LEADING in epoch ") {
			t.Errorf("%v: status %d\n%s%s", more, code, out, errOut)
		}
	}
	code, _, errOut = serve("--new")
	if code != 2 || !strings.Contains(errOut, "the folder already contains a server's history") {
		t.Errorf("new with files: status %d, %s", code, errOut)
	}
}

// TestServeRealFlags: flags that do not fit together are refused, each with what to do.
func TestServeRealFlags(t *testing.T) {
	one := "--peers=1=127.0.0.1:2888"
	for _, c := range []struct{ args, want string }{
		{"--id 1", "--id: this flag is only for a real server: add --real"},
		{"--real --id 1 " + one + " --data d --record x", "--record: this flag is only for a simulated"},
		{"--real --id 64 " + one, "--id 64: give this server's number"},
		{"--real --id 1", "--peers: list all servers"},
		{"--real --id 1 " + one, "--data: name the folder"},
		{"--real --id 1 --peers 1=host:1 --data d", "host is not an IP address"},
		{"--real --id 1 --peers 1=127.0.0.1:1,1=127.0.0.1:2 --data d", "an earlier server of the list has the same number or address"},
		{"--real --id 1 --peers 1=10.0.0.1:1 --data d", "add --exposed to allow this"},
		{"--real --id 1 --address 10.0.0.1 " + one + " --data d", "add --exposed to allow this"},
		{"--real --id 2 " + one + " --data d", "does not contain this server, S2"},
		{"--real --id 1 " + one + " --data d --new --rejoin", "leave out one of the flags"},
		{"--real --id 1 " + one + " --data d --ports 1,2", "2 ports for one server"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "--data d", "--data "+t.TempDir()))
		code, _, errOut := zablab(append([]string{"serve"}, args...)...)
		if code != 2 || !strings.Contains(errOut, c.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: status %d, %swant %q", c.args, code, errOut, c.want)
		}
	}
}
