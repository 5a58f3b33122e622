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
	"github.com/zablab/zablab/zab"
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
		txn, next, err := entryAt(file, f.at)
		if err != nil || txn == nil {
			return err
		}
		f.at = next
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

// entryAt reads the entry of a log file at an offset, and returns the offset of the next one. The
// transaction is nil if there is no complete entry.
func entryAt(file *os.File, at int64) (txn *tree.Txn, next int64, err error) {
	var head [entryHead]byte
	if n, _ := file.ReadAt(head[:], at); n < entryHead {
		return nil, at, nil
	}
	length := int64(binary.BigEndian.Uint32(head[8:]))
	if length == 0 || length > longestTxn { // the rest is preallocated zeros
		return nil, at, nil
	}
	b := make([]byte, length+1)
	if n, _ := file.ReadAt(b, at+entryHead); int64(n) < length+1 || b[length] != 'B' {
		return nil, at, nil
	}
	txn, err = jute.DecodeTxn(b[:length])
	return txn, at + entryHead + length + 1, err
}

// lastIn returns the zxid of the last transaction in a log file; 0 if there is none, or if the file
// cannot be read.
func lastIn(path string) (last zab.Zxid) {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	for at := int64(logHeader); ; {
		txn, next, err := entryAt(file, at)
		if err != nil || txn == nil {
			return last
		}
		last, at = max(last, zab.Zxid(txn.Zxid)), next
	}
}

// epoch reads a server's current epoch.
func epoch(dir string) uint32 { return epochIn(dataOf(dir), "currentEpoch") }

// epochIn reads the epoch in a file; 0 if there is no such file.
func epochIn(dir, name string) uint32 {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	var n uint32
	_, _ = fmt.Sscan(strings.TrimSpace(string(b)), &n) // a half-written file is read again later
	return n
}
