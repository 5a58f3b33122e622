// Package registers decides what a client does next: which of a few registers it writes or reads,
// and how long it pauses. It makes no calls itself, so clients of different engines can run the
// same program. Equal seeds, client names and mixes give equal operations, whatever the outcomes.
package registers

import (
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
)

// Mix has the settings of a client's program.
type Mix struct {
	Registers int      // how many there are, from r0 on; at least 1
	Reads     int      // percent of the operations
	Size      int      // least bytes of a value: shorter ones are padded
	Pause     sim.Time // between two operations, on average; 0 is none
}

// most is the largest number of registers of a mix that [Drawn] picks.
const most = 3

// Names returns the registers that a mix from [Drawn] may use: r0, r1 and r2.
func Names() (list []string) {
	for i := range most {
		list = append(list, "r"+strconv.Itoa(i))
	}
	return list
}

// Drawn picks the settings of a client's program at random, from the seed of the run: one to three
// registers, values of 20 bytes, pauses of 10 to 100 ms on average, and a share of reads of at most
// one half.
func Drawn(seed uint64, client string) Mix { return Draw(sim.NewRand(seed).Fork("mix of " + client)) }

// Draw is like [Drawn], but picks the mix with the given generator.
func Draw(chance *sim.Rand) Mix {
	return Mix{
		Registers: 1 + chance.Intn(most), Reads: 10 * chance.Intn(6), Size: 20,
		Pause: chance.Between(10*sim.Millisecond, 100*sim.Millisecond),
	}
}

// Op is one operation. Value is what a write writes: a different value each time.
type Op struct {
	Read     bool
	Register string
	Value    string
}

// Program is the program of one client. It must not be shared by goroutines.
type Program struct {
	client string
	mix    Mix
	rand   *sim.Rand
	n      int
}

// New returns the program of a client in a run with the given seed.
func New(seed uint64, client string, mix Mix) *Program {
	return &Program{client: client, mix: mix,
		rand: sim.NewRand(seed).Fork("registers of " + client)}
}

// Next returns the next operation.
func (p *Program) Next() Op {
	p.n++
	o := Op{Register: "r" + strconv.Itoa(p.rand.Intn(max(1, p.mix.Registers))),
		Read: p.rand.Intn(100) < p.mix.Reads}
	if !o.Read {
		o.Value = p.client + strconv.Itoa(p.n)
		o.Value += strings.Repeat("x", max(0, p.mix.Size-len(o.Value)))
	}
	return o
}

// Pause returns how long to pause now: from half to one and a half times the mix's Pause, so that
// clients do not run in step.
func (p *Program) Pause() sim.Time {
	if p.mix.Pause == 0 {
		return 0
	}
	return p.rand.Between(p.mix.Pause/2, p.mix.Pause*3/2)
}
