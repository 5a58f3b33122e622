package contract

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
)

// Journal is the name of the file with the log, the term and the vote of a server.
const Journal = "journal"

// Kind is the kind of a record of the journal.
type Kind byte

// The kinds of records. A record of Entries replaces the part of the log that begins at the index
// of its first entry.
const (
	Entries Kind = 'e' // entries of the log, in order ([AppendEntry])
	Delete  Kind = 'd' // the entries of a range of indices, first and last
	Set     Kind = 's' // a key and a value of the library's stable store ([AppendPair])
)

// Entry is one entry of a log. Type is the library's own number for the kind of the entry.
type Entry struct {
	Index, Term uint64
	Type        byte
	Data        []byte
}

// recordHead is the length of the rest, and its CRC-32.
const recordHead = 8

// AppendRecord appends a record to b.
func AppendRecord(b []byte, kind Kind, body []byte) []byte {
	at := len(b)
	b = append(b, make([]byte, recordHead)...)
	b = append(append(b, byte(kind)), body...)
	binary.LittleEndian.PutUint32(b[at:], uint32(1+len(body)))
	binary.LittleEndian.PutUint32(b[at+4:], crc32.ChecksumIEEE(b[at+recordHead:]))
	return b
}

// NextRecord splits the first record off b. It returns false at the end of the journal: where no
// bytes are left, or where a loss of power has torn the last record.
func NextRecord(b []byte) (kind Kind, body, rest []byte, ok bool) {
	if len(b) < recordHead+1 {
		return 0, nil, b, false
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if n == 0 || uint64(len(b)-recordHead) < n {
		return 0, nil, b, false
	}
	record := b[recordHead : recordHead+n]
	if crc32.ChecksumIEEE(record) != binary.LittleEndian.Uint32(b[4:]) {
		return 0, nil, b, false
	}
	return Kind(record[0]), record[1:], b[recordHead+n:], true
}

// AppendEntry appends an entry to the body of a record.
func AppendEntry(b []byte, e *Entry) []byte {
	b = binary.LittleEndian.AppendUint64(b, e.Index)
	b = binary.LittleEndian.AppendUint64(b, e.Term)
	b = append(b, e.Type)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Data)))
	return append(b, e.Data...)
}

// NextEntry splits the first entry off b, the body of a record of entries. The entry's data shares
// memory with b. It returns false if b has no more entries.
func NextEntry(b []byte) (e Entry, rest []byte, ok bool) {
	const head = 8 + 8 + 1 + 4
	if len(b) < head {
		return e, b, false
	}
	n := uint64(binary.LittleEndian.Uint32(b[17:]))
	if uint64(len(b)-head) < n {
		return e, b, false
	}
	e = Entry{
		Index: binary.LittleEndian.Uint64(b), Term: binary.LittleEndian.Uint64(b[8:]), Type: b[16],
		Data: b[head : head+n : head+n],
	}
	return e, b[head+n:], true
}

// AppendRange appends to b the body of a Delete record: the first and the last index of the deleted
// entries.
func AppendRange(b []byte, first, last uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, first), last)
}

// Range reads the body of a Delete record. It returns false if the body is not 16 bytes long.
func Range(b []byte) (first, last uint64, ok bool) {
	if len(b) != 16 {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), true
}

// AppendPair appends a key, of less than 256 bytes, and its value.
func AppendPair(b []byte, key string, value []byte) []byte {
	return append(append(append(b, byte(len(key))), key...), value...)
}

// Pair reads what AppendPair has written.
func Pair(b []byte) (key string, value []byte, ok bool) {
	if len(b) == 0 || len(b)-1 < int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}

// SnapshotName returns the name of the file of a snapshot that holds everything up to an entry.
func SnapshotName(index, term uint64) string { return fmt.Sprintf("snapshot-%016x-%016x", index, term) }

// ParseSnapshotName reads a name that [SnapshotName] returned.
func ParseSnapshotName(name string) (index, term uint64, ok bool) {
	if !strings.HasPrefix(name, "snapshot-") || len(name) != len(SnapshotName(0, 0)) {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(name, "snapshot-%016x-%016x", &index, &term)
	return index, term, n == 2 && err == nil
}
