package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/loopback"
)

// childEnv tells the test's binary to be a server: its number, the servers, its clients' address and
// its folder.
const childEnv = "ZABLAB_TEST_SERVER"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		if err := child(strings.Fields(text)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child runs a server until its standard input is closed.
func child(args []string) error {
	id, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	c := Config{ID: 0, Client: args[2], Tick: tick, SnapCount: 50}
	if c.Peers, err = ParsePeers(args[1]); err != nil {
		return err
	}
	c.ID = c.Peers[id-1].ID
	d, err := OpenDir(args[3])
	if err != nil {
		return err
	}
	c.Files = d
	if args[4] == "new" {
		c.Begin = New
	}
	c.Changed = func(s Status) { fmt.Println(s) }
	s, err := Start(c)
	if err != nil {
		return err
	}
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		_ = s.Stop()
	}()
	<-s.Done()
	return s.Err()
}

// process is a server in a process of its own.
type process struct {
	cmd   *exec.Cmd
	lines chan string
}

// spawn starts a server's process.
func spawn(t *testing.T, id int, peers, client, dir, begin string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), lines: make(chan string, 1000)}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s %s %s %s", childEnv, id, peers, client,
		dir, begin))
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe() // closed when this process ends, so that no server is left
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
	}()
	t.Cleanup(func() {
		_ = in.Close()
		p.kill()
	})
	return p
}

// kill sends SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// serves waits until the process serves clients, and reports whether it leads.
func (p *process) serves(t *testing.T) (leads bool) {
	t.Helper()
	deadline := time.After(bound)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				t.Fatal("the process has ended")
			}
			if strings.HasSuffix(line, "serves clients") {
				return strings.HasPrefix(line, "LEADING")
			}
		case <-deadline:
			t.Fatalf("no process serves within %v", bound)
		}
	}
}

// Three processes: the leader gets SIGKILL while a client writes, and starts again; then all get it.
// No acknowledged write is lost.
func TestProcesses(t *testing.T) {
	t.Parallel()
	ports := reserve(t, 6)
	var peers, clients, folders []string
	for i := range 3 {
		peers = append(peers, fmt.Sprintf("%d=%s", i+1, loopback.Address(ports[i])))
		clients = append(clients, loopback.Address(ports[3+i]))
		folders = append(folders, t.TempDir())
	}
	servers := make([]*process, 3)
	start := func(i int, begin string) {
		servers[i] = spawn(t, i+1, strings.Join(peers, ","), clients[i], folders[i], begin)
	}
	leader := -1
	for i := range servers {
		start(i, "new")
	}
	for i, p := range servers {
		if p.serves(t) {
			leader = i
		}
	}
	c := connect(t, clients...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := make(chan int, 1<<16)
	result := make(chan []int)
	go func() { result <- writer(ctx, c, 0, func(n int) { progress <- n }) }()
	wait := func() {
		for range 100 {
			select {
			case <-progress:
			case <-time.After(bound):
				t.Fatalf("no write within %v", bound)
			}
		}
	}
	wait()
	servers[leader].kill()
	wait()
	start(leader, "resume")
	servers[leader].serves(t)
	wait()
	for _, p := range servers {
		p.kill()
	}
	cancel()
	for i := range servers {
		start(i, "resume")
	}
	for _, p := range servers {
		p.serves(t)
	}
	acknowledged := <-result
	for i, address := range clients {
		c := connect(t, address)
		if _, err := c.Sync("/"); err != nil {
			t.Fatal(err)
		}
		for _, n := range acknowledged {
			if there, _, err := c.Exists(fmt.Sprintf("/n%d", n)); err != nil || !there {
				t.Fatalf("S%d: /n%d of %d acknowledged writes: %v, %v", i+1, n, len(acknowledged), there,
					err)
			}
		}
		c.Close()
	}
}
