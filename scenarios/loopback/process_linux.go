package loopback

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Keeper starts all processes from one thread, which ends with the lab: with Pdeathsig the kernel
// kills a child when the thread that started the child ends.
type Keeper struct {
	Env []string // of the processes; nil for the lab's own

	work chan func()
}

// NewKeeper returns a keeper. Close it when all its processes have ended.
func NewKeeper() *Keeper {
	k := &Keeper{work: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for f := range k.work {
			f()
		}
	}()
	return k
}

func (k *Keeper) start(cmd *exec.Cmd) error {
	done := make(chan error)
	k.work <- func() { done <- cmd.Start() }
	return <-done
}

// Close ends the keeper's thread, and with it every process that is left.
func (k *Keeper) Close() { close(k.work) }

// process is a server's process, from its start to its end.
type process struct {
	cmd  *exec.Cmd
	out  tail
	gone chan struct{} // closed when the process has ended
}

// process starts a command in its own process group, so that ^C reaches only the lab.
func (k *Keeper) process(name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), gone: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = k.Env, &p.out, &p.out
	if err := k.start(p.cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit status does not matter
		close(p.gone)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ended is true once the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// kill sends SIGKILL to the whole process group. The kernel frees the ports and files a few ms
// later; wait returns after that.
func (p *process) kill() {
	if !p.ended() {
		_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	}
}

func (p *process) wait() { <-p.gone }

// pause sends SIGSTOP and waits until every thread has stopped: on a busy machine some still run
// when the signal is sent. resume sends SIGCONT.
func (p *process) pause() error {
	if err := syscall.Kill(-p.pid(), syscall.SIGSTOP); err != nil {
		return err
	}
	for end := time.Now().Add(stopping); !p.stopped() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// stopping is how long the threads of a process may take to stop.
const stopping = 5 * time.Second

// stopped reports whether every thread of the process is stopped.
func (p *process) stopped() bool {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.pid()))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		// After the name in parentheses comes the state: proc_pid_stat(5).
		if i := bytes.LastIndexByte(text, ')'); i < 0 || i+2 >= len(text) || text[i+2] != 'T' {
			return false
		}
	}
	return len(files) > 0
}

func (p *process) resume() error { return syscall.Kill(-p.pid(), syscall.SIGCONT) }

// tail keeps the last bytes of a process's output.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// mostTail is the number of bytes that a tail keeps.
const mostTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if n := len(t.text); n > mostTail {
		t.text = append(t.text[:0], t.text[n-mostTail:]...)
	}
	return len(b), nil
}

// last is the last line of the output.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// alive is true if a process with this ID exists.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == os.ErrPermission || err == syscall.EPERM
}
