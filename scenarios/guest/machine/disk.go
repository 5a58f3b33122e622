package machine

import (
	"errors"
	"maps"
	"slices"

	"github.com/zablab/zablab/scenarios/guest/wire"
)

// ErrDisk is the error of a disk that is full or fails.
var ErrDisk = errors.New("machine: disk: a write failed")

// Files returns the names of the files on the disk, sorted.
func Files() []string {
	self.mu.Lock()
	defer self.mu.Unlock()
	return slices.Sorted(maps.Keys(self.files))
}

// Read returns the bytes of a file, or nil if there is no such file. The caller must not change
// them.
func Read(name string) []byte {
	self.mu.Lock()
	defer self.mu.Unlock()
	return self.files[name]
}

// Append adds bytes to a file, and creates the file if necessary. On a full disk it has no effect,
// and the next [Sync] fails.
func Append(name string, data []byte) {
	self.mu.Lock()
	defer self.mu.Unlock()
	self.files[name] = append(self.files[name], data...)
	put(wire.Append, 0, uint64(len(name)), []byte(name), data)
}

// Truncate cuts a file to n bytes, if it is longer.
func Truncate(name string, n int) {
	self.mu.Lock()
	defer self.mu.Unlock()
	if b, ok := self.files[name]; ok && n < len(b) {
		self.files[name] = slices.Clone(b[:n])
		put(wire.Truncate, 0, uint64(n), []byte(name))
	}
}

// Rename renames a file, and replaces any file that had the new name. Sync("") makes it durable.
func Rename(from, to string) {
	self.mu.Lock()
	defer self.mu.Unlock()
	if b, ok := self.files[from]; ok {
		delete(self.files, from)
		self.files[to] = b
		put(wire.Rename, 0, uint64(len(from)), []byte(from), []byte(to))
	}
}

// Remove deletes a file, if there is one. Sync("") makes it durable.
func Remove(name string) {
	self.mu.Lock()
	defer self.mu.Unlock()
	if _, ok := self.files[name]; ok {
		delete(self.files, name)
		put(wire.Remove, 0, 0, []byte(name))
	}
}

// Sync makes files durable, one after another, and returns when all are. The name "" stands for the
// directory: it makes the names of new, renamed and removed files durable. The error is [ErrDisk].
func Sync(names ...string) error {
	Yield()
	self.mu.Lock()
	dones := make([]chan error, 0, len(names))
	for _, name := range names {
		if _, ok := self.files[name]; !ok && name != "" {
			continue
		}
		self.token++
		done := make(chan error, 1)
		self.syncs[self.token] = done
		dones = append(dones, done)
		put(wire.Fsync, self.token, 0, []byte(name))
	}
	self.mu.Unlock()
	var err error
	for _, done := range dones {
		err = errors.Join(err, <-done)
	}
	Yield()
	return err
}

// SyncLater begins to make a file durable, but does not wait: the bytes are not yet durable when it
// returns. A program that acknowledges a write after SyncLater may lose that write.
func SyncLater(name string) {
	self.mu.Lock()
	defer self.mu.Unlock()
	self.token++
	put(wire.Fsync, self.token, 0, []byte(name))
}
