package etcd_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/etcd"
	"github.com/zablab/zablab/scenarios/loopback"
)

// isLab is set in the environment of the process that TestLabKilled kills.
const isLab = "ZABLAB_TEST_ETCD_LAB"

// TestLabKilled: when the lab itself is killed, the kernel kills its servers, and the next lab removes
// their folder.
func TestLabKilled(t *testing.T) {
	t.Parallel()
	need(t)
	if os.Getenv(isLab) != "" {
		c, err := etcd.Start(t.Context(), etcd.Config{Stage: engine.Stage{Servers: 1}})
		fmt.Println("started", c.Dir(), err)
		select {} // until it is killed
	}
	lab := exec.Command(os.Args[0], "-test.run=^TestLabKilled$", "-test.v")
	lab.Env = append(os.Environ(), isLab+"=1", "ETCD_NAME=from the environment")
	out, err := lab.StdoutPipe()
	if err == nil {
		err = lab.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lab.Process.Kill() })
	dir := ""
	for in := bufio.NewScanner(out); dir == "" && in.Scan(); {
		_, told, is := strings.Cut(in.Text(), "started ")
		if is {
			var end string
			if dir, end, _ = strings.Cut(told, " "); end != "<nil>" {
				t.Fatal(told)
			}
		}
	}
	if n := len(running(t, dir)); dir == "" || n != 1 {
		t.Fatalf("%d servers run in %q, want 1", n, dir)
	}
	if err := lab.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = lab.Wait()
	for end := time.Now().Add(20 * time.Second); len(running(t, dir)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the servers live on: %v", running(t, dir))
		}
	}
	next, err := loopback.MakeDir("zablab-etcd-")
	if err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(next)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}
