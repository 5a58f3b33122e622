// Package wire is the format of the frames that a guest and its host exchange: what happens to a
// machine, and what its program does. Package guest writes what package machine reads, and the
// other way round. A guest program does not import this package: it uses package machine.
package wire

import "encoding/binary"

// Kind is the kind of a [Frame].
type Kind uint8

// The frames from the host, with the fields of [Frame] that each one uses. The field A is the
// number of a connection; in the answer to an append or an fsync, A is the token that the guest has
// given to that append or fsync.
const (
	Boot      Kind = iota + 1 // the process starts (A: base of its connections; Data: a [Start])
	Connected                 // a dial came through (A)
	Refused                   // a dial failed (A)
	Accepted                  // another machine dialled (A; B: port; Data: its name)
	Received                  // bytes on a connection (A; Data)
	Closed                    // the other end of a connection is gone (A)
	Synced                    // an fsync is complete (A: token)
	Failed                    // an append or an fsync failed (A: token)
	Told                      // bytes from outside the world (Data)
)

// The frames from the guest.
const (
	Dial     Kind = iota + 32 // (A; B: port and, above its 8 bits, the patience in µs; Data: name)
	Send                      // (A; Data)
	Close                     // (A)
	Append                    // (A: token; B: length of the name; Data: name, bytes)
	Truncate                  // (B: new length of the file; Data: name)
	Rename                    // (B: length of the old name; Data: old name, new name)
	Remove                    // (Data: name)
	Fsync                     // (A: token; Data: name, empty for the directory)
	Report                    // the program tells its probe something (A, B, Data)
)

// Frame is one message between a guest and its host.
type Frame struct {
	Kind Kind
	A, B uint64
	Data []byte
}

// head is the length of a frame without its data.
const head = 4 + 1 + 8 + 8

// Put appends a frame to b: the length of its data, and its fields.
func Put(b []byte, kind Kind, a, b2 uint64, data ...[]byte) []byte {
	n := 0
	for _, d := range data {
		n += len(d)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	b = append(b, byte(kind))
	b = binary.LittleEndian.AppendUint64(b, a)
	b = binary.LittleEndian.AppendUint64(b, b2)
	for _, d := range data {
		b = append(b, d...)
	}
	return b
}

// Next splits the first frame off b. It returns false if the frame is not complete. The frame's
// data is part of b.
func Next(b []byte) (f Frame, rest []byte, ok bool) {
	if len(b) < head {
		return f, b, false
	}
	n := int(binary.LittleEndian.Uint32(b))
	if len(b)-head < n {
		return f, b, false
	}
	f = Frame{
		Kind: Kind(b[4]), A: binary.LittleEndian.Uint64(b[5:]), B: binary.LittleEndian.Uint64(b[13:]),
		Data: b[head : head+n : head+n],
	}
	return f, b[head+n:], true
}

// Start is what a process knows when it starts.
type Start struct {
	Name     string
	Life     uint32 // counts the starts of the machine, from 1
	Seed     uint64 // of the process's own choices
	Yield    uint32 // how often a goroutine lets others go first, in percent
	Nap      uint32 // how often a goroutine finds no processor for a while, in percent
	Machines []string
	Settings []string // key=value
	Files    []File   // what the disk holds
}

// File is a file of the machine's disk.
type File struct {
	Name string
	Data []byte
}

// Bytes encodes s.
func (s *Start) Bytes() []byte {
	b := appendText(nil, s.Name)
	for _, n := range []uint64{uint64(s.Life), s.Seed, uint64(s.Yield), uint64(s.Nap)} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendTexts(b, s.Machines)
	b = appendTexts(b, s.Settings)
	b = binary.AppendUvarint(b, uint64(len(s.Files)))
	for _, f := range s.Files {
		b = appendText(appendText(b, f.Name), string(f.Data))
	}
	return b
}

// ParseStart decodes what [Start.Bytes] returned. It returns false for anything else.
func ParseStart(b []byte) (s Start, ok bool) {
	r := reader{b: b}
	s.Name = r.text()
	s.Life, s.Seed = uint32(r.number()), r.number()
	s.Yield, s.Nap = uint32(r.number()), uint32(r.number())
	s.Machines, s.Settings = r.texts(), r.texts()
	for n := r.count(); n > 0; n-- {
		s.Files = append(s.Files, File{r.text(), []byte(r.text())})
	}
	return s, !r.broken && len(r.b) == 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

// reader takes values off b; broken is set when b is too short for one.
type reader struct {
	b      []byte
	broken bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.b, r.broken = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count is a number of values, each of which takes a byte or more.
func (r *reader) count() uint64 {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.b, r.broken = nil, true
		return 0
	}
	return n
}

func (r *reader) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) texts() (list []string) {
	for n := r.count(); n > 0; n-- {
		list = append(list, r.text())
	}
	return list
}
