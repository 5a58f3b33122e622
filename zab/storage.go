package zab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// What a server keeps on its disk, and how it is read back. Names are ZooKeeper's:
//
//	acceptedEpoch, currentEpoch   a decimal number each, replaced by tmp, fsync, rename, fsync
//	log.<zxid>.<before>           records in order; <zxid> is hexadecimal, of the first record
//	snapshot.<zxid>               a fuzzy snapshot; <zxid> is where it was begun
//
// ZooKeeper's logs are called log.<zxid>. Ours name the end of the history before them too: a file
// system may lose the names of some removed or created files and not of others, and zxids do not
// show that a file is missing if it held the end of an epoch. A received snapshot that ends before
// the history that it replaces is called snapshot.<zxid>.<end>; <end> is where that history ended.
//
// A record is its length (4 bytes), CRC-32C (4), zxid (8) and data. All numbers are little-endian.
const (
	fileAccepted = "acceptedEpoch"
	fileCurrent  = "currentEpoch"
	logPrefix    = "log."
	snapPrefix   = "snapshot."
	tmpSuffix    = ".tmp"
	recordHeader = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendRecord appends one encoded log record to dst.
func AppendRecord(dst []byte, e Entry) []byte {
	at := len(dst)
	dst = slices.Grow(dst, recordHeader+len(e.Data))
	dst = append(dst, make([]byte, recordHeader)...)
	dst = append(dst, e.Data...)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(e.Data)))
	binary.LittleEndian.PutUint64(dst[at+8:], uint64(e.Zxid))
	binary.LittleEndian.PutUint32(dst[at+4:], crc32.Checksum(dst[at+8:], castagnoli))
	return dst
}

// NextRecord decodes the first record of b. ok is false if b is empty, or if the record is
// incomplete or damaged.
func NextRecord(b []byte) (e Entry, rest []byte, ok bool) {
	if len(b) < recordHeader {
		return Entry{}, b, false
	}
	size := uint64(binary.LittleEndian.Uint32(b))
	if uint64(len(b)-recordHeader) < size {
		return Entry{}, b, false
	}
	end := recordHeader + int(size)
	if crc32.Checksum(b[8:end], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return Entry{}, b, false
	}
	e.Zxid = Zxid(binary.LittleEndian.Uint64(b[8:]))
	e.Data = b[recordHeader:end:end]
	return e, b[end:], true
}

// logName is the name of the log file whose first record is z, after a history that ends at before.
func logName(z, before Zxid) string { return fileName(logPrefix, z, fileName(".", before, "")) }
func snapName(z Zxid) string        { return fileName(snapPrefix, z, "") }

// name is the name of the snapshot's file.
func (s *snap) name() string {
	if s.replaces > s.zxid {
		return fileName(snapPrefix, s.zxid, fileName(".", s.replaces, ""))
	}
	return snapName(s.zxid)
}

// hexDigits is the length of a zxid in a name: padded, so that names sort as zxids do.
const (
	hexDigits   = 16
	hexadecimal = "0123456789abcdef"
)

// fileName is a prefix, a zxid and a suffix.
func fileName(prefix string, z Zxid, suffix string) string {
	var room [len(snapPrefix) + hexDigits + 1 + hexDigits]byte
	name := append(room[:0], prefix...)
	for shift := 4 * (hexDigits - 1); shift >= 0; shift -= 4 {
		name = append(name, hexadecimal[z>>shift&0xf])
	}
	return string(append(name, suffix...))
}

// FileZxid reads the zxid from the name of a log or a snapshot.
func FileZxid(name string) (z Zxid, log, ok bool) {
	z, _, log, ok = fileZxids(name)
	return z, log, ok
}

// fileZxids reads both zxids from the name of a log or a snapshot. The second is NoZxid if the name
// has one only.
func fileZxids(name string) (z, second Zxid, log, ok bool) {
	rest, log := strings.CutPrefix(name, logPrefix)
	if !log {
		if rest, ok = strings.CutPrefix(name, snapPrefix); !ok {
			return 0, NoZxid, false, false
		}
	}
	second, ok = NoZxid, true
	if len(rest) > hexDigits && rest[hexDigits] == '.' {
		second, ok = parseHex(rest[hexDigits+1:])
		rest = rest[:hexDigits]
	}
	z, whole := parseHex(rest)
	return z, second, log, ok && whole
}

// parseHex reads a zxid in a name. It returns false for anything else, such as the end of the name
// of a file that is not finished.
func parseHex(s string) (z Zxid, ok bool) {
	if len(s) > hexDigits {
		return 0, false
	}
	for i := range len(s) {
		digit := hexValues[s[i]]
		if digit == 0 {
			return 0, false
		}
		z = z<<4 | Zxid(digit-1)
	}
	return z, s != ""
}

// hexValues has the value of each hexadecimal digit, and 1; 0 for what is no digit.
var hexValues = func() (values [256]byte) {
	for i := range len(hexadecimal) {
		values[hexadecimal[i]] = byte(i) + 1
	}
	return values
}()

// DiskReader is what [Recover] needs of the disk of a machine that has just started.
type DiskReader interface {
	Names() []string
	Read(name string) []byte
}

// logFile is one log on the disk.
type logFile struct {
	name   string
	size   int64
	before Zxid // where the history before it ends; NoZxid if its name does not say so
	first  int  // of its records, while the disk is read: the index in Entries
}

// Stored is what a peer's disk held when its process started.
type Stored struct {
	Blank         bool // no history at all: a lost disk, or a server that never caught up
	AcceptedEpoch uint32
	CurrentEpoch  uint32
	Entries       []Entry // every record, also those older than the newest snapshot
	snaps         []snap  // ascending
	files         []logFile
	garbage       []string // files that the newest snapshot makes useless
}

// Recover reads the epochs, the snapshots and all log records from a disk. If a record is damaged
// and no sound record follows it, a crash has cut off a write at the end of the log: Recover drops
// the damaged end. If a sound record follows the damaged one, a crash cannot be the cause, and
// Recover returns an error. It also returns an error if the disk has no snapshot although the
// server has a history, or if the log lacks a zxid that no snapshot covers (rule R6).
func Recover(d DiskReader) (Stored, error) {
	var s Stored
	for _, name := range d.Names() {
		z, second, log, ok := fileZxids(name)
		switch {
		case !ok: // an epoch file, or a file that a crash left unfinished
		case log:
			size := int64(len(d.Read(name)))
			s.files = append(s.files, logFile{name: name, size: size, before: second})
		case second == NoZxid:
			s.snaps = append(s.snaps, snap{zxid: z, data: d.Read(name)})
		default:
			s.snaps = append(s.snaps, snap{zxid: z, data: d.Read(name), replaces: second})
		}
	}
	var err error
	if s.AcceptedEpoch, err = readEpoch(d, fileAccepted); err != nil {
		return s, err
	}
	if s.CurrentEpoch, err = readEpoch(d, fileCurrent); err != nil {
		return s, err
	}
	// The current epoch is the last thing that a server writes when it first catches up.
	if s.Blank = d.Read(fileCurrent) == nil; s.Blank {
		return s, nil
	}
	if len(s.snaps) == 0 {
		return s, errors.New("recover: there is no snapshot: " +
			"refusing to start with a part of the history (ZOOKEEPER-2325)")
	}
	if err := s.readLogs(d); err != nil {
		return s, err
	}
	s.dropCovered()
	return s, s.verify()
}

// dropCovered drops the oldest logs and snapshots, if a part of them is missing that a newer
// snapshot covers. A server removes what it needs no longer without an fsync in between, and after a
// loss of power some file systems have removed a later file and not an earlier one: what is left
// over is useless, but it is no damage.
func (s *Stored) dropCovered() {
	newest := &s.snaps[len(s.snaps)-1]
	for i := len(s.files) - 1; i >= 0; i-- {
		if s.continues(i) {
			continue
		}
		if !s.covers(newest.zxid, i) {
			return // a hole that no snapshot covers: verify refuses it
		}
		s.drop(s.files[:i])
		from := s.files[i].first
		s.files, s.Entries = s.files[i:], s.Entries[from:]
		for k := range s.files {
			s.files[k].first -= from
		}
		break
	}
	if first := s.firstFile(); first != nil && first.before != NoZxid &&
		first.before > newest.zxid && first.before <= newest.replaces {
		// Logs that a received snapshot replaces: the older snapshot that they continue is removed.
		s.drop(s.files)
		s.files, s.Entries = nil, nil
	}
	for len(s.snaps) > 1 && len(s.Entries) > 0 && !s.meets(s.snaps[0].zxid) {
		s.garbage = append(s.garbage, s.snaps[0].name())
		s.snaps = s.snaps[1:]
	}
}

func (s *Stored) drop(files []logFile) {
	for _, f := range files {
		s.garbage = append(s.garbage, f.name)
	}
}

// empty is true if file i has no record.
func (s *Stored) empty(i int) bool {
	end := len(s.Entries)
	if i+1 < len(s.files) {
		end = s.files[i+1].first
	}
	return s.files[i].first == end
}

// firstFile returns the oldest log file that has a record, or nil.
func (s *Stored) firstFile() *logFile {
	for i := range s.files {
		if !s.empty(i) {
			return &s.files[i]
		}
	}
	return nil
}

// continues is true if nothing is missing between the records of file i and those before it.
func (s *Stored) continues(i int) bool {
	f := &s.files[i]
	if f.first == 0 || s.empty(i) {
		return true
	}
	last := s.Entries[f.first-1].Zxid
	return s.Entries[f.first].Zxid.follows(last) && (f.before == NoZxid || f.before == last)
}

// covers is true if a snapshot at z has everything before file i.
func (s *Stored) covers(z Zxid, i int) bool {
	f := &s.files[i]
	if f.before != NoZxid {
		return f.before <= z
	}
	first := s.Entries[f.first].Zxid
	return first <= z || first.follows(z)
}

// meets reports whether the log begins at z or before, or right after it.
func (s *Stored) meets(z Zxid) bool {
	if f := s.firstFile(); f.before != NoZxid {
		return f.before <= z
	}
	first := s.Entries[0].Zxid
	return first <= z || first.follows(z)
}

func readEpoch(d DiskReader, name string) (uint32, error) {
	b := d.Read(name)
	if b == nil {
		return 0, nil
	}
	n, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("recover %s: %q is no epoch: refusing to start", name, b)
	}
	return uint32(n), nil
}

func (s *Stored) readLogs(d DiskReader) error {
	for i, f := range s.files {
		b := d.Read(f.name)
		s.files[i].first = len(s.Entries)
		for len(b) > 0 {
			e, rest, ok := NextRecord(b)
			if !ok {
				break
			}
			s.Entries = append(s.Entries, e)
			b = rest
		}
		if len(b) == 0 {
			continue
		}
		if i < len(s.files)-1 || soundAfter(b) {
			return fmt.Errorf("recover %s: a damaged record at byte %d is followed by sound ones: "+
				"refusing to start", f.name, f.size-int64(len(b)))
		}
		s.files[i].size -= int64(len(b)) // a torn end: repair cuts it off
	}
	return nil
}

// soundAfter looks for a sound record anywhere after a damaged one.
func soundAfter(b []byte) bool {
	for at := 1; at < len(b); at++ {
		if _, _, ok := NextRecord(b[at:]); ok {
			return true
		}
	}
	return false
}

// verify checks the history: the zxids of the log must increase without a hole, and the log must
// meet the oldest snapshot. The errors become the reasons of an exit, which fingerprints hash: do
// not change their words.
func (s *Stored) verify() error {
	hole := func(i int) error {
		return fmt.Errorf("recover: the log has a hole: %v stands behind %v", s.Entries[i].Zxid,
			s.Entries[i-1].Zxid)
	}
	for i := 1; i < len(s.Entries); i++ {
		if !s.Entries[i].Zxid.follows(s.Entries[i-1].Zxid) {
			return hole(i)
		}
	}
	for i := range s.files {
		if !s.continues(i) {
			return hole(s.files[i].first)
		}
	}
	// The oldest snapshot must reach to where the logs begin, or lie among them.
	oldest := s.snaps[0].zxid
	if len(s.Entries) > 0 && !s.meets(oldest) {
		return fmt.Errorf("recover: the log begins at %v behind a snapshot at %v: "+
			"refusing to start",
			s.Entries[0].Zxid, oldest)
	}
	return nil
}

// Format makes the files of a new server's disk: its epochs, and a snapshot of the initial state.
// It calls put once for each file. A server with these files knows that its history is empty, and
// may vote. (ZooKeeper marks such a server with a file named initialize.)
func Format(snapshot []byte, put func(name string, data []byte)) {
	put(fileAccepted, []byte("0"))
	put(fileCurrent, []byte("0"))
	put(snapName(0), snapshot)
}
