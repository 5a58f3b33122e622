//go:build !linux

package loopback

import (
	"errors"
	"net"
	"syscall"
)

// Only on Linux does the kernel kill the servers of a lab that was killed. So the engines find no
// servers on other systems, and nothing in this file is called.

var errElsewhere = errors.New("start a server: supported on Linux only")

// Keeper starts processes on Linux. On this system it starts none, and returns an error.
type Keeper struct{ Env []string }

// NewKeeper returns a keeper that starts nothing.
func NewKeeper() *Keeper { return &Keeper{} }

// Close does nothing.
func (k *Keeper) Close() {}

func (k *Keeper) process(string, ...string) (*process, error) { return nil, errElsewhere }

type process struct{ out tail }

func (p *process) pid() int      { return 0 }
func (p *process) ended() bool   { return true }
func (p *process) kill()         {}
func (p *process) wait()         {}
func (p *process) pause() error  { return errElsewhere }
func (p *process) resume() error { return errElsewhere }

type tail struct{}

func (t *tail) last() string { return "" }

func alive(int) bool { return true }

func dialler(net.Conn, []int) int { return -1 }

// exclusive is not needed where no server is started.
func exclusive(string, string, syscall.RawConn) error { return nil }

type holder struct{ port int }

func (holder) Close() error { return nil }

// hold finds that the port of an address is free, and does not reserve it.
func hold(address string) (holder, error) {
	l, err := net.Listen("tcp4", address)
	if err != nil {
		return holder{}, err
	}
	return holder{l.Addr().(*net.TCPAddr).Port}, l.Close()
}
