package loopback

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// An error wraps ErrState if a fault is impossible in the present state of a server, such as the
// restart of a server that is already running.
var ErrState = errors.New("the fault is impossible in this state")

// Server is a server that runs as a process of this machine. It stays the same Server when it
// crashes and restarts.
type Server struct {
	name string

	mu      sync.Mutex
	process *process // nil while the server is down
	dying   *process // killed; until it is gone it holds the server's ports
	paused  bool
	turns   int // the number of starts and kills so far
}

// NewServer returns a server that is down.
func NewServer(name string) *Server { return &Server{name: name} }

// Name is the server's name, such as S1.
func (s *Server) Name() string { return s.name }

// Start starts the server's process. If the server's last process was killed, Start first waits
// until that process is gone.
func (s *Server) Start(k *Keeper, command string, args ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil && !s.process.ended() {
		return fmt.Errorf("restart %s: already running: %w", s.name, ErrState)
	}
	s.bury()
	p, err := k.process(command, args...)
	if err != nil {
		return err
	}
	s.process, s.paused = p, false
	s.turns++
	return nil
}

// Bury waits until the process of a killed server is gone, and its ports and files are free.
func (s *Server) Bury() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bury()
}

func (s *Server) bury() {
	if s.dying != nil {
		s.dying.wait()
		s.dying = nil
	}
}

// running returns the server's process, or an error if the server is down.
func (s *Server) running(verb string) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || s.process.ended() {
		return nil, fmt.Errorf("%s %s: the server is down: %w", verb, s.name, ErrState)
	}
	return s.process, nil
}

// Kill ends the server's process with SIGKILL. It does not wait until the connections break, so
// others may still send to the server.
func (s *Server) Kill() error {
	p, err := s.running("crash")
	if err != nil {
		return err
	}
	p.kill()
	s.mu.Lock()
	s.process, s.dying = nil, p
	s.turns++
	s.mu.Unlock()
	return nil
}

// Pause stops the server's process with SIGSTOP, and returns when all its threads have stopped.
func (s *Server) Pause() error { return s.stop("pause", (*process).pause, true) }

// Resume continues a stopped process with SIGCONT.
func (s *Server) Resume() error { return s.stop("resume", (*process).resume, false) }

func (s *Server) stop(verb string, signal func(*process) error, stop bool) error {
	p, err := s.running(verb)
	if err != nil {
		return err
	}
	if err := signal(p); err != nil {
		return fmt.Errorf("%s %s: %w", verb, s.name, err)
	}
	s.mu.Lock()
	s.paused = stop
	s.mu.Unlock()
	return nil
}

// Up reports whether the server's process exists, paused or not.
func (s *Server) Up() bool {
	_, err := s.running("")
	return err == nil
}

// Paused reports whether the server's process exists, but is suspended.
func (s *Server) Paused() bool {
	if !s.Up() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused
}

// Turns is the number of times that the server was started or killed.
func (s *Server) Turns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turns
}

// Exited returns the last line that the process wrote before it ended by itself. ok is false while
// the process runs, and after a Kill.
func (s *Server) Exited() (last string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || !s.process.ended() {
		return "", false
	}
	return s.process.out.last(), true
}

// Pid is the ID of the server's process; 0 while the server is down.
func (s *Server) Pid() int {
	p, err := s.running("")
	if err != nil {
		return 0
	}
	return p.pid()
}

// Close kills the server's process, and waits until it is gone.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range []*process{s.process, s.dying} {
		if p != nil {
			p.kill()
			p.wait()
		}
	}
	s.process, s.dying = nil, nil
}

// MakeDir makes a temporary directory whose name begins with prefix and the process ID of the lab.
// It also removes the directories with the same prefix that were left by runs of the lab that were
// killed.
func MakeDir(prefix string) (string, error) {
	sweep(os.TempDir(), prefix)
	return os.MkdirTemp("", prefix+strconv.Itoa(os.Getpid())+"-")
}

func sweep(dir, prefix string) {
	list, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range list {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 && !alive(pid) {
			_ = os.RemoveAll(path)
		}
	}
}
