package machine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/guest/wire"
)

const outside = "machine: this program has no machine: build it with GOOS=wasip1 GOARCH=wasm, and " +
	"run it in the lab (package scenarios/guest)"

// self is the machine of this process.
var self struct {
	start  wire.Start
	chance *rand.Rand
	told   chan []byte

	mu        sync.Mutex
	conns     map[uint64]*conn
	next      uint64 // the last connection that this process has dialled
	listeners map[uint8]*listener
	syncs     map[uint64]chan error // fsyncs under way
	token     uint64
	files     map[string][]byte
	buffer    []byte // of the frame that is written
}

// garbage is how much a program may allocate before Go collects garbage, in percent of what it uses
// (GOGC). The usual 100 makes a small server with 4 MB spend a quarter of its time on that; this
// value costs some 12 MB of memory for each server.
const garbage = 300

// The first frame has what the program may ask for at once, so it is read before main.
func init() {
	if !inside {
		return
	}
	debug.SetGCPercent(garbage)
	self.conns, self.listeners = map[uint64]*conn{}, map[uint8]*listener{}
	self.syncs, self.files = map[uint64]chan error{}, map[string][]byte{}
	self.told = make(chan []byte, 1024)
	in := &inbox{file: os.NewFile(0, "inbox")}
	f, err := in.next()
	if err == nil && f.Kind != wire.Boot {
		err = errors.New("the first message from the lab is not a start message")
	}
	var ok bool
	if err == nil {
		if self.start, ok = wire.ParseStart(f.Data); !ok {
			err = errors.New("the first message from the lab cannot be decoded")
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "machine: %v: build the program with the lab's version of "+
			"package machine\n", err)
		os.Exit(3)
	}
	self.next = f.A
	self.chance = rand.New(rand.NewPCG(self.start.Seed, uint64(self.start.Life)))
	for _, file := range self.start.Files {
		self.files[file.Name] = file.Data
	}
	go in.serve()
}

// inbox reads frames. Its goroutine waits for nothing else, so that the program always has one
// goroutine that waits for the host, which Go does not take for a deadlock.
type inbox struct {
	file *os.File
	have []byte
	room [1 << 16]byte
}

func (in *inbox) next() (wire.Frame, error) {
	for {
		if f, rest, ok := wire.Next(in.have); ok {
			in.have = rest
			return f, nil
		}
		n, err := in.file.Read(in.room[:])
		if err != nil {
			return wire.Frame{}, err
		}
		in.have = append(in.have[:len(in.have):len(in.have)], in.room[:n]...)
	}
}

func (in *inbox) serve() {
	for {
		f, err := in.next()
		if err != nil {
			fmt.Fprintln(os.Stderr, "machine: inbox:", err)
			os.Exit(3)
		}
		handle(&f)
	}
}

// handle hands a frame to the goroutine that waits for it. It never blocks.
func handle(f *wire.Frame) {
	self.mu.Lock()
	defer self.mu.Unlock()
	switch f.Kind {
	case wire.Accepted:
		c := newConn(f.A, string(f.Data), uint8(f.B))
		if l := self.listeners[uint8(f.B)]; l != nil {
			self.conns[f.A] = c
			l.arrived(c)
		} else {
			put(wire.Close, f.A, 0)
		}
	case wire.Connected, wire.Refused, wire.Received, wire.Closed:
		if c := self.conns[f.A]; c != nil {
			if f.Kind == wire.Refused || f.Kind == wire.Closed {
				delete(self.conns, f.A)
			}
			c.happened(f)
		}
	case wire.Synced, wire.Failed:
		if done := self.syncs[f.A]; done != nil {
			delete(self.syncs, f.A)
			var err error
			if f.Kind == wire.Failed {
				err = ErrDisk
			}
			done <- err
		}
	case wire.Told:
		select {
		case self.told <- f.Data:
		default: // nobody listens
		}
	}
}

// put writes a frame. self.mu is held.
func put(kind wire.Kind, a, b uint64, data ...[]byte) {
	self.buffer = wire.Put(self.buffer[:0], kind, a, b, data...)
	emit(self.buffer)
}

// Name returns the name of this machine in the world, such as S1.
func Name() string { return self.start.Name }

// Life returns how often this machine has started, including the present start.
func Life() int { return int(self.start.Life) }

// Machines returns the names of all machines that existed when the process started.
func Machines() []string { return self.start.Machines }

// Setting returns the value of a setting that the host gave to the program, or "".
func Setting(key string) string {
	for _, s := range self.start.Settings {
		if k, v, _ := strings.Cut(s, "="); k == key {
			return v
		}
	}
	return ""
}

// Told returns the channel of messages from outside the world: those that [sim.World.Tell] hands to
// the machine.
func Told() <-chan []byte { return self.told }

// Report tells the host something that no message or file shows, such as that a state machine
// applies an entry. The host calls its function Reported with the arguments. Nothing changes in the
// simulated world.
func Report(a, b uint64, data []byte) {
	self.mu.Lock()
	defer self.mu.Unlock()
	put(wire.Report, a, b, data)
}

// Yield lets other goroutines run first, with the probability that the host has set.
func Yield() {
	if y := int(self.start.Yield); y > 0 && self.chance.IntN(100) < y {
		for range 1 + self.chance.IntN(4) {
			runtime.Gosched()
		}
	}
}

// mostNap is the longest time for which a thread finds no processor.
const mostNap = 8 * time.Millisecond

// Nap sleeps up to 8 ms, like a thread that has lost its processor, with the probability that the
// host has set for naps. Then it calls [Yield].
func Nap() {
	if n := int(self.start.Nap); n > 0 && self.chance.IntN(100) < n {
		time.Sleep(time.Duration(self.chance.Int64N(int64(mostNap))))
	}
	Yield()
}

// Restless reports whether the host has set a probability above 0 for yields or naps.
func Restless() bool { return self.start.Yield > 0 || self.start.Nap > 0 }
