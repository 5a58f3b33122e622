package host

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"github.com/zablab/zablab/sim"
)

// memory is a folder that loses power: a disk of the simulated world, as Files. What was not
// fsynced may be lost, also in part, and names too.
type memory struct {
	mu    sync.Mutex
	disk  sim.Disk
	life  int // of the machine: grows when the power is lost
	room  int // bytes that can still be written; negative for no limit
	syncs int
	onOp  func(m *memory, op string) // called before each operation, with the lock
}

// errPower is the error of every operation of a process whose machine has lost its power.
var errPower = errors.New("the power is off")

func newMemory() *memory { return &memory{room: -1} }

// use is the folder as one life of the machine sees it.
func (m *memory) use() Files {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &life{m, m.life}
}

// cut cuts the power. What no fsync has made durable is lost, all or in part.
func (m *memory) cut(chance *sim.Rand, writeback bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lose(chance, writeback)
}

func (m *memory) lose(chance *sim.Rand, writeback bool) {
	m.life++
	m.disk.LosePower(chance, writeback)
}

type life struct {
	*memory
	number int
}

func (l *life) do(op string, f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.onOp != nil && l.number == l.life {
		l.onOp(l.memory, op)
	}
	if l.number != l.life {
		return errPower
	}
	return f()
}

func (l *life) List() (names []string, err error) {
	err = l.do("list", func() error { names = slices.Clone(l.disk.Names()); return nil })
	return names, err
}

func (l *life) Read(name string) (b []byte, err error) {
	err = l.do("read", func() error { b = slices.Clone(l.disk.Read(name)); return nil })
	return b, err
}

func (l *life) Append(name string, data []byte) error {
	return l.do("append", func() error {
		if l.room >= 0 && len(data) > l.room { // a full disk takes what fits
			l.disk.Append(name, data[:l.room])
			l.room = 0
			return fmt.Errorf("write %s: %w", name, syscall.ENOSPC)
		}
		if l.room >= 0 {
			l.room -= len(data)
		}
		l.disk.Append(name, data)
		return nil
	})
}

func (l *life) Truncate(name string, n int64) error {
	return l.do("truncate", func() error { return exists(l.disk.Truncate(name, n)) })
}

func (l *life) Rename(from, to string) error {
	return l.do("rename", func() error { return exists(l.disk.Rename(from, to)) })
}

func (l *life) Remove(name string) error {
	return l.do("remove", func() error { l.disk.Remove(name); return nil })
}

func (l *life) Sync(name string) error {
	return l.do("sync", func() error {
		asked, _ := l.disk.Fsync(name)
		l.disk.Complete(&asked)
		l.syncs++
		return nil
	})
}

func (l *life) Close() error { return nil }

func exists(there bool) error {
	if !there {
		return syscall.ENOENT
	}
	return nil
}
