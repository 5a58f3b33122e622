package host

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/zablab/zablab/tree/server"
)

// The files of this package, next to those of package zab.
const (
	serverName = "server" // the number of the server whose files these are
	startsName = "starts" // how often the server has been started
	newSuffix  = ".new"   // of a file that will replace another
)

// epochName is the file of package zab that a server writes last when it first has a history.
const epochName = "currentEpoch"

// stored is what the files held at the start: a [zab.DiskReader].
type stored struct {
	names []string
	data  map[string][]byte
}

// Names returns the names of the files, sorted.
func (s *stored) Names() []string { return s.names }

// Read returns the content of a file, or nil if there is no such file.
func (s *stored) Read(name string) []byte { return s.data[name] }

// prepare makes the files of a new server if it is one, counts the start, and reads all files.
func prepare(c *Config) (s *stored, starts uint64, err error) {
	if s, err = read(c.Files); err != nil {
		return nil, 0, err
	}
	if err := belongs(s, c); err != nil {
		return nil, 0, err
	}
	if c.Begin == New {
		if err := format(c.Files); err != nil {
			return nil, 0, fmt.Errorf("make the files of a new server: %w", cause(err))
		}
	}
	if b := s.Read(startsName); b != nil {
		if starts, err = strconv.ParseUint(string(b), 10, 64); err != nil {
			return nil, 0, fmt.Errorf("read the file %q: %q is not a number, so the folder is "+
				"damaged: empty it and start the server with --rejoin",
				startsName, b)
		}
	}
	starts++
	if s.Read(serverName) == nil {
		err = replace(c.Files, serverName, strconv.AppendInt(nil, int64(c.ID), 10))
	}
	if err == nil {
		err = replace(c.Files, startsName, strconv.AppendUint(nil, starts, 10))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("write the files %q and %q: %w", serverName, startsName,
			cause(err))
	}
	if c.Begin == New {
		s, err = read(c.Files)
	}
	return s, starts, err
}

// read reads all files.
func read(files Files) (*stored, error) {
	s := &stored{data: map[string][]byte{}}
	var err error
	if s.names, err = files.List(); err != nil {
		return nil, fmt.Errorf("list the files: %w", cause(err))
	}
	for _, name := range s.names {
		b, err := files.Read(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, cause(err))
		}
		if b == nil {
			b = []byte{} // an empty file is not a missing one
		}
		s.data[name] = b
	}
	return s, nil
}

// belongs refuses files that do not fit to what the server is told to begin with.
func belongs(s *stored, c *Config) error {
	if owner := s.Read(serverName); owner != nil && string(owner) != strconv.Itoa(int(c.ID)) {
		return fmt.Errorf("the files are those of server %s, not %d: name the folder of this server",
			owner, c.ID)
	}
	has := s.Read(epochName) != nil
	switch {
	case has && c.Begin != Resume:
		return errors.New("the folder already contains a server's history: start the server " +
			"without --new and --rejoin, or name an empty folder")
	case c.Begin == New && s.Read(serverName) != nil:
		return errors.New("the server of this folder has not finished rejoining its ensemble: " +
			"start it with --rejoin instead of --new, or name an empty folder")
	case c.Begin == Resume && !has && s.Read(serverName) == nil:
		return errors.New("the folder contains no server's files: start the server with --new to " +
			"begin a new ensemble, or with --rejoin if this server has lost its disk")
	}
	return nil
}

// format writes the files of a new server. The epoch file goes last: if the process ends before
// that, the server has no history yet.
func format(files Files) (err error) {
	var last []byte
	server.Format(func(name string, data []byte) {
		switch {
		case name == epochName:
			last = data
		case err == nil:
			err = replace(files, name, data)
		}
	})
	if err != nil {
		return err
	}
	return replace(files, epochName, last)
}

// replace writes a small file so that after a loss of power it has its old or its new content.
func replace(files Files, name string, data []byte) error {
	tmp := name + newSuffix
	for _, do := range []func() error{
		func() error { return files.Remove(tmp) },
		func() error { return files.Append(tmp, data) },
		func() error { return files.Sync(tmp) },
		func() error { return files.Rename(tmp, name) },
		func() error { return files.Sync("") },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
