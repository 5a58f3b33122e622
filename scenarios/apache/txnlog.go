package apache

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// logs follows the transaction logs of all servers of an ensemble. What a majority has logged is
// committed: this is how it is known, without asking, what happened and at which zxid.
type logs struct {
	quorum int
	files  []*logFile // by server, those of all its lives
	dirs   []string
	votes  map[int64]int // by zxid: how many servers have it
	txns   map[int64]*tree.Txn
	done   int64 // the newest that was handed out
}

// logFile is how far one file has been read.
type logFile struct {
	server int
	path   string
	at     int64
	seen   int64 // zxid
}

const (
	logHeader  = 16      // magic, version, database
	entryHead  = 12      // checksum, length
	longestTxn = 4 << 20 // bytes
)

func newLogs(e *Ensemble) *logs {
	l := &logs{quorum: len(e.servers)/2 + 1, votes: map[int64]int{}, txns: map[int64]*tree.Txn{}}
	for _, n := range e.servers {
		l.dirs = append(l.dirs, filepath.Join(n.dir, "version-2"))
	}
	return l
}

// read gives the transactions that have been committed since the last time, in order.
func (l *logs) read() (list []*tree.Txn, err error) {
	for server, dir := range l.dirs {
		names, err := filepath.Glob(filepath.Join(dir, "log.*"))
		if err != nil {
			return nil, err
		}
		for _, path := range names {
			known := slices.ContainsFunc(l.files, func(f *logFile) bool { return f.path == path })
			if !known {
				l.files = append(l.files, &logFile{server: server, path: path, at: logHeader})
			}
		}
	}
	for _, f := range l.files {
		if err := l.follow(f); err != nil {
			return nil, fmt.Errorf("read %s: %w", f.path, err)
		}
	}
	for zxid, n := range l.votes { // order: sorted below
		if n >= l.quorum && zxid > l.done {
			list = append(list, l.txns[zxid])
		}
	}
	slices.SortFunc(list, func(a, b *tree.Txn) int { return cmp.Compare(a.Zxid, b.Zxid) })
	for _, t := range list {
		l.done = t.Zxid
		delete(l.txns, t.Zxid)
	}
	return list, nil
}

// follow reads the entries that a file has more than it had. An entry that is half there is read
// the next time.
func (l *logs) follow(f *logFile) error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	for {
		var head [entryHead]byte
		if n, _ := file.ReadAt(head[:], f.at); n < entryHead {
			return nil
		}
		length := int64(binary.BigEndian.Uint32(head[8:]))
		if length == 0 || length > longestTxn { // the file is filled with zeros in advance
			return nil
		}
		b := make([]byte, length+1)
		if n, _ := file.ReadAt(b, f.at+entryHead); int64(n) < length+1 || b[length] != 'B' {
			return nil
		}
		txn, err := jute.DecodeTxn(b[:length])
		if err != nil {
			return err
		}
		f.at += entryHead + length + 1
		if txn.Zxid <= f.seen {
			continue
		}
		f.seen = txn.Zxid
		l.votes[txn.Zxid]++
		if txn.Zxid > l.done {
			l.txns[txn.Zxid] = txn
		}
	}
}

// epoch is what a server has written down as the epoch that it is in; 0 if it has not.
func epoch(dir string) uint32 {
	b, err := os.ReadFile(filepath.Join(dir, "version-2", "currentEpoch"))
	if err != nil {
		return 0
	}
	var n uint32
	_, _ = fmt.Sscan(strings.TrimSpace(string(b)), &n) // half written it is read again
	return n
}
