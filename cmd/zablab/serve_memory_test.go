package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

// silent drops what the client library logs.
type silent struct{}

func (silent) Printf(string, ...any) {}

// TestServeMemory: a session that has used its memory ends by itself, and is checked.
func TestServeMemory(t *testing.T) {
	address := make(chan string, 1)
	out := &watched{seen: func(text string) {
		if _, line, ok := strings.Cut(text, "Serving  "); ok && strings.HasSuffix(line, "\n") {
			select {
			case address <- strings.TrimSpace(line):
			default:
			}
		}
	}}
	var errOut bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--memory", "64MB", "--latency", "1us", "--fsync", "1us"}, out,
			&errOut)
	}()
	c, _, err := zk.Connect(strings.Split(<-address, ","), 4*time.Second, zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 8 {
		go func() {
			path := fmt.Sprintf("/n%d", i)
			_, err := c.Create(path, nil, 0, zk.WorldACL(zk.PermAll))
			for data := make([]byte, 20_000); err == nil; {
				_, err = c.Set(path, data, -1)
			}
		}()
	}
	code := <-done
	if code != 0 || !strings.Contains(errOut.String(), "has used a quarter of --memory 64MB") ||
		!strings.Contains(out.text.String(), "Checked  ✓") {
		t.Errorf("status %d\n%s%s", code, out.text.String(), errOut.String())
	}
	for text, want := range map[string]string{
		"64": "not a size", "xGB": "not a size", "63MB": "must be at least 64MB", "-1GB": "must be at least",
	} {
		if code, _, errOut := zablab("serve", "--memory", text); code != 2 ||
			!strings.Contains(errOut, want) {
			t.Errorf("--memory %s: status %d, %s", text, code, errOut)
		}
	}
}
