package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Files is the folder of a server. Each method does what the [sim.Effect] of the same name does in
// the simulation, and may wait for the disk. One goroutine at a time calls the methods.
type Files interface {
	// List returns the names of the files, sorted.
	List() ([]string, error)
	// Read returns the content of a file, which must exist.
	Read(name string) ([]byte, error)
	// Append adds data to a file, and makes the file if it does not exist. It does not keep data.
	Append(name string, data []byte) error
	// Truncate cuts a file, which must exist, to n bytes, if it has more.
	Truncate(name string, n int64) error
	// Rename renames a file, and replaces any file that has the new name.
	Rename(from, to string) error
	// Remove removes a file, if it exists.
	Remove(name string) error
	// Sync makes the content of a file durable, or the names of all files if name is "".
	Sync(name string) error
	// Close ends the use of the folder.
	Close() error
}

// Dir is a folder of the host's file system.
type Dir struct {
	path string
	self *os.File            // for the fsync of the names
	lock *os.File            // held while the server runs
	open map[string]*os.File // files that were written
}

// lockName is the name of the file that is locked while a server runs.
const lockName = "lock"

// OpenDir opens the folder of a server, and makes it if it does not exist. It fails if another
// process has it open.
func OpenDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open the folder %s: %w", path, cause(err))
	}
	d := &Dir{path: path, open: map[string]*os.File{}}
	var err error
	if d.lock, err = os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600); err == nil {
		if err = lockFile(d.lock); err != nil {
			_ = d.lock.Close()
			return nil, fmt.Errorf("open the folder %s: another server runs in it: stop that "+
				"server, or name another folder", path)
		}
		d.self, err = os.Open(path)
	}
	if err == nil {
		err = syncNames(filepath.Dir(path)) // the folder itself must survive a loss of power
	}
	if err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open the folder %s: %w", path, cause(err))
	}
	return d, nil
}

// cause drops the operation and the path of a file's error, which the caller names.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

func syncNames(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// List returns the names of the files, sorted.
func (d *Dir) List() (names []string, err error) {
	entries, err := os.ReadDir(d.path)
	for _, e := range entries {
		if e.Type().IsRegular() && e.Name() != lockName {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

// Read returns the content of a file.
func (d *Dir) Read(name string) ([]byte, error) { return os.ReadFile(d.file(name)) }

func (d *Dir) file(name string) string { return filepath.Join(d.path, name) }

// written returns the handle by which a file is written. It stays open until the file is renamed or
// removed: a server writes few files at a time.
func (d *Dir) written(name string, flags int) (*os.File, error) {
	if f := d.open[name]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(d.file(name), os.O_WRONLY|os.O_APPEND|flags, 0o600)
	if err == nil {
		d.open[name] = f
	}
	return f, err
}

// Append adds data to a file.
func (d *Dir) Append(name string, data []byte) error {
	f, err := d.written(name, os.O_CREATE)
	if err == nil {
		_, err = f.Write(data)
	}
	return err
}

// Truncate cuts a file.
func (d *Dir) Truncate(name string, n int64) error {
	f, err := d.written(name, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil || info.Size() <= n {
		return err
	}
	return f.Truncate(n)
}

// Rename renames a file.
func (d *Dir) Rename(from, to string) error {
	if err := errors.Join(d.release(from), d.release(to)); err != nil {
		return err
	}
	return os.Rename(d.file(from), d.file(to))
}

// Remove removes a file, if it exists.
func (d *Dir) Remove(name string) error {
	if err := d.release(name); err != nil {
		return err
	}
	if err := os.Remove(d.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// release closes the handle of a file.
func (d *Dir) release(name string) error {
	f := d.open[name]
	if f == nil {
		return nil
	}
	delete(d.open, name)
	return f.Close()
}

// Sync makes the content of a file durable (with fdatasync where the system has it). If name is "",
// it makes the names of all files durable.
func (d *Dir) Sync(name string) error {
	if name == "" {
		return d.self.Sync()
	}
	f, err := d.written(name, 0)
	if err != nil {
		return err
	}
	return dataSync(f)
}

// Close closes all files and releases the lock.
func (d *Dir) Close() error {
	var err error
	for name := range d.open {
		err = errors.Join(err, d.release(name))
	}
	if d.lock != nil {
		err = errors.Join(err, unlockFile(d.lock))
	}
	for _, f := range []*os.File{d.self, d.lock} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	d.self, d.lock = nil, nil
	return err
}
