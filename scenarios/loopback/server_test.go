//go:build linux

package loopback

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestServer: a server's process is started, stopped, continued and killed, and what is impossible in
// its state is an error.
func TestServer(t *testing.T) {
	k := NewKeeper()
	t.Setenv("HOME", "of the lab")
	k.Env = []string{"X=1"}
	t.Cleanup(k.Close)
	s := NewServer("S1")
	t.Cleanup(s.Close)
	if s.Up() || s.Pid() != 0 || !errors.Is(s.Kill(), ErrState) || !errors.Is(s.Pause(), ErrState) {
		t.Error("a server that was never started")
	}
	for turn := 1; turn <= 3; turn += 2 {
		if err := s.Start(k, "sleep", "1000"); err != nil || !s.Up() || s.Turns() != turn {
			t.Fatalf("start: %v, up %v, turn %d", err, s.Up(), s.Turns())
		}
		if err := s.Start(k, "sleep", "1000"); !errors.Is(err, ErrState) {
			t.Errorf("a second start: %v", err)
		}
		pid := s.Pid()
		if err := s.Pause(); err != nil || !s.Paused() || !s.Up() {
			t.Errorf("pause: %v", err)
		}
		if err := s.Resume(); err != nil || s.Paused() {
			t.Errorf("resume: %v", err)
		}
		if err := s.Kill(); err != nil || s.Up() {
			t.Errorf("kill: %v", err)
		}
		s.Bury()
		if alive(pid) {
			t.Errorf("process %d lives on", pid)
		}
	}
	// its environment is asked of the process itself: /proc shows none for a moment after exec
	if err := s.Start(k, "sh", "-c", `echo first; echo "home $HOME, X $X"; exit 1`); err != nil {
		t.Fatal(err)
	}
	var last string
	for ended := false; !ended; time.Sleep(time.Millisecond) {
		last, ended = s.Exited()
	}
	if last != "home , X 1" || s.Up() {
		t.Errorf("it exited with %q", last)
	}
	if err := s.Start(k, "no-such-command"); err == nil {
		t.Error("a command that does not exist was started")
	}
}

// TestReserve: nobody in the lab gets a reserved port, before a server listens there, meanwhile, or
// after; the server itself does.
func TestReserve(t *testing.T) {
	r, err := Reserve(3)
	if err != nil || len(r.Ports) != 3 {
		t.Fatalf("%v, %v", r, err)
	}
	t.Cleanup(r.Close)
	ours := net.ListenConfig{Control: exclusive}
	address := Address(r.Ports[1])
	taken := func(when string) {
		t.Helper()
		if l, err := ours.Listen(t.Context(), "tcp4", address); err == nil {
			_ = l.Close()
			t.Errorf("%s a relay could listen on a reserved port", when)
		}
		if h, err := hold(address); err == nil {
			_ = h.Close()
			t.Errorf("%s the port could be reserved twice", when)
		}
	}
	taken("before")
	for range 2 {
		server, err := net.Listen("tcp4", address)
		if err != nil {
			t.Fatalf("the server cannot listen: %v", err)
		}
		taken("meanwhile")
		_ = server.Close()
		taken("after")
	}
	r.Close()
	l, err := ours.Listen(t.Context(), "tcp4", address)
	if err != nil {
		t.Fatalf("the port is not free again: %v", err)
	}
	_ = l.Close()
}

// TestMakeDir: a new directory has the lab's process ID; those of labs that are gone are removed, and
// those of labs that run are not.
func TestMakeDir(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, name := range []string{"zablab-x-999999999-1", "zablab-x-1-1", "zablab-x-word-1", "other-1"} {
		if err := os.Mkdir(filepath.Join(temp, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := MakeDir("zablab-x-")
	if err != nil || !strings.HasPrefix(filepath.Base(dir), "zablab-x-"+strconv.Itoa(os.Getpid())+"-") {
		t.Fatalf("%s, %v", dir, err)
	}
	list, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	want := []string{"other-1", "zablab-x-1-1", filepath.Base(dir), "zablab-x-word-1"}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
}

// TestDialler: the process that has dialled a connection is found, and only that one.
func TestDialler(t *testing.T) {
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close() })
	if i := dialler(near, []int{0, os.Getppid(), os.Getpid()}); i != 2 {
		t.Errorf("number %d has dialled, want 2", i)
	}
	if i := dialler(near, []int{0, os.Getppid()}); i != -1 {
		t.Errorf("number %d has dialled, want none", i)
	}
	_ = far.Close()
	if i := dialler(near, []int{os.Getpid()}); i != -1 {
		t.Errorf("after its end, number %d has dialled", i)
	}
}

// echoing starts a server that sends back every byte that it receives.
func echoing(t *testing.T) string {
	t.Helper()
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go accept(l, func(c net.Conn) bool {
		go func() {
			b := make([]byte, 1)
			for {
				if _, err := c.Read(b); err != nil {
					_ = c.Close()
					return
				}
				_, _ = c.Write(b)
			}
		}()
		return true
	})
	return l.Addr().String()
}

// TestFork: a connection goes through the relay of the server that has dialled, and a cut in either
// direction of that link stops it. What no server has dialled is closed.
func TestFork(t *testing.T) {
	k := NewKeeper()
	t.Cleanup(k.Close)
	other, self := NewServer("S1"), NewServer("S2")
	t.Cleanup(other.Close)
	if err := other.Start(k, "sleep", "1000"); err != nil {
		t.Fatal(err)
	}
	f, err := NewFork()
	if err != nil {
		t.Fatal(err)
	}
	target := echoing(t)
	links := Mesh{{1, 3, []*Relay{NewLink(target)}}, {2, 3, []*Relay{NewLink(target)}}}
	t.Cleanup(links.Close)
	f.Add(other, links[0].Relays[0])
	f.Add(self, links[1].Relays[0])
	f.Start()
	t.Cleanup(f.Close)
	talks := func(soon time.Duration) bool {
		c, err := net.Dial("tcp", f.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(soon))
		_, _ = c.Write([]byte("x"))
		_, err = c.Read(make([]byte, 1))
		return err == nil
	}
	const soon, late = 50 * time.Millisecond, 20 * time.Second
	if talks(late) {
		t.Error("a process that is none of the servers is let through")
	}
	be := func(p *process) { // the test's own process stands for the server's
		self.mu.Lock()
		self.process = p
		self.mu.Unlock()
	}
	be(&process{cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}, gone: make(chan struct{})})
	defer be(nil)
	for _, x := range []struct {
		do   func()
		want bool
	}{
		{func() {}, true}, {func() { links.Cut(1, 3) }, true}, {func() { links.Cut(2, 3) }, false},
		{func() { links.Mend(2, 3); links.Cut(3, 2) }, false}, {links.Heal, true},
	} {
		bound := soon
		if x.want {
			bound = late
		}
		if x.do(); talks(bound) != x.want {
			t.Errorf("it talks: %v, want %v", !x.want, x.want)
		}
	}
}
