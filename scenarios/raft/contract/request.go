package contract

import (
	"encoding/binary"
	"io"
)

// Do is the kind of a request, such as a read or a write.
type Do byte

// The requests.
const (
	Write    Do = iota + 1 // sets a register
	Read                   // reads it, with the library's guarantee that no earlier write is missed
	Local                  // reads it from the state of the server that is asked
	Transfer               // the leader hands over to the server Key, or to any if Key is empty
)

// Request is a client's request.
type Request struct {
	Number     uint64 // of the client's choice; the answer has it too
	Do         Do
	Key, Value string
}

// Status is the outcome of a request.
type Status byte

// The outcomes. Refused means that the request certainly had no effect; Unknown means that it may
// have had an effect, or may have one later.
const (
	OK Status = iota + 1
	Refused
	Unknown
)

// Answer is a server's answer.
type Answer struct {
	Number      uint64
	Status      Status
	Leader      string // that the server knows, or ""
	Index, Term uint64 // of the entry of a write
	Register           // that was read or written
	Why         string // it was refused, or is unknown
}

// Bytes returns the encoded request, with its length as a prefix.
func (r *Request) Bytes() []byte {
	return framed(r.Number, byte(r.Do), nil, r.Key, r.Value)
}

// Bytes returns the encoded answer, with its length as a prefix.
func (a *Answer) Bytes() []byte {
	return framed(a.Number, byte(a.Status), []uint64{a.Index, a.Term, a.Version}, a.Leader, a.Value,
		a.Why)
}

func framed(number uint64, kind byte, numbers []uint64, texts ...string) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 4, 64), number)
	b = append(b, kind)
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, s := range texts {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// ParseRequest parses the bytes of a request that follow its length.
func ParseRequest(b []byte) (r Request, ok bool) {
	f := fields{b: b}
	r = Request{Number: f.number(), Do: Do(f.byte()), Key: f.text(), Value: f.text()}
	return r, !f.short && len(f.b) == 0
}

// ParseAnswer parses the bytes of an answer that follow its length.
func ParseAnswer(b []byte) (a Answer, ok bool) {
	f := fields{b: b}
	a.Number, a.Status = f.number(), Status(f.byte())
	a.Index, a.Term, a.Version = f.number(), f.number(), f.number()
	a.Leader, a.Value, a.Why = f.text(), f.text(), f.text()
	return a, !f.short && len(f.b) == 0
}

// fields takes fields off b; short is set when b is too short for one.
type fields struct {
	b     []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.short = true
		return make([]byte, max(0, min(n, 8)))
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

func (f *fields) number() uint64 { return binary.LittleEndian.Uint64(f.take(8)) }
func (f *fields) byte() byte     { return f.take(1)[0] }
func (f *fields) text() string   { return string(f.take(int(binary.LittleEndian.Uint32(f.take(4))))) }

// mostFrame is the largest request or answer.
const mostFrame = 1 << 20

// ReadFrame reads a length, and that many bytes.
func ReadFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > mostFrame {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}
