//go:build !linux

package apache

import "errors"

// Only on Linux does the kernel kill the servers of a lab that was killed. So [Find] returns an
// error on other systems, and nothing in this file is called.

var errElsewhere = errors.New("start Apache ZooKeeper: supported on Linux only")

type keeper struct{}

func newKeeper() *keeper { return &keeper{} }
func (k *keeper) close() {}

func (k *keeper) startProcess(string, ...string) (*process, error) { return nil, errElsewhere }

type process struct {
	out  tail
	gone chan struct{}
}

func (p *process) pid() int      { return 0 }
func (p *process) ended() bool   { return true }
func (p *process) kill()         {}
func (p *process) wait()         {}
func (p *process) pause() error  { return errElsewhere }
func (p *process) resume() error { return errElsewhere }

type tail struct{}

func (t *tail) last() string { return "" }

func alive(int) bool { return true }
