package apache

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// logs follows the transaction logs of all servers of an ensemble. A transaction that a quorum has
// logged is chosen. So the logs show, without a request to any server, what happened and at which
// zxid.
type logs struct {
	quorum int
	files  []*logFile // the log files of every server
	dirs   []string
	waits  map[int64]*waiting // by zxid: transactions that no quorum has logged yet
	done   int64              // the zxid of the last transaction returned
}

// waiting is a transaction that no quorum has logged yet, and a bit for each server that has.
type waiting struct {
	txn   *tree.Txn
	votes uint64
}

// logFile is one log file, and how far it has been read.
type logFile struct {
	server int
	path   string
	at     int64 // offset of the next entry
	seen   int64 // zxid of the last entry read
}

const (
	logHeader  = 16      // magic, version, database
	entryHead  = 12      // checksum, length
	longestTxn = 4 << 20 // bytes
)

func newLogs(e *Ensemble) *logs {
	l := &logs{quorum: len(e.servers)/2 + 1, waits: map[int64]*waiting{}}
	for _, n := range e.servers {
		l.dirs = append(l.dirs, dataOf(n.dir))
	}
	return l
}

// read returns the transactions chosen since the last call, in zxid order.
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
	for _, w := range l.waits { // order: sorted below
		if bits.OnesCount64(w.votes) >= l.quorum {
			list = append(list, w.txn)
		}
	}
	slices.SortFunc(list, func(a, b *tree.Txn) int { return cmp.Compare(a.Zxid, b.Zxid) })
	if n := len(list); n > 0 { // an earlier transaction was returned too, or never is
		l.done = list[n-1].Zxid
		maps.DeleteFunc(l.waits, func(zxid int64, _ *waiting) bool { return zxid <= l.done })
	}
	return list, nil
}

// forget drops the files of a server that has lost its data.
func (l *logs) forget(server int) {
	l.files = slices.DeleteFunc(l.files, func(f *logFile) bool { return f.server == server })
}

// follow reads the new entries of a log file, up to the first incomplete one.
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
		if length == 0 || length > longestTxn { // the rest is preallocated zeros
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
		if txn.Zxid <= l.done {
			continue
		}
		w := l.waits[txn.Zxid]
		if w == nil {
			w = &waiting{}
			l.waits[txn.Zxid] = w
		}
		w.txn = txn
		w.votes |= 1 << f.server
	}
}

// epoch reads a server's current epoch from its file currentEpoch; 0 if there is no such file.
func epoch(dir string) uint32 {
	b, err := os.ReadFile(filepath.Join(dataOf(dir), "currentEpoch"))
	if err != nil {
		return 0
	}
	var n uint32
	_, _ = fmt.Sscan(strings.TrimSpace(string(b)), &n) // a half-written file is read again later
	return n
}
