// Package registers is a client program without a client: it says what to do next, a write or a read of one of a few
// registers, and how long to think. Engines whose clients have nothing in common play it alike: equal seeds, names and
// mixes give equal operations, whatever becomes of them.
package registers

import (
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
)

// Mix is what a program is made of.
type Mix struct {
	Registers int      // how many there are, r0 and on; at least 1
	Reads     int      // of a hundred operations
	Size      int      // bytes of a value, at least: shorter ones are filled up
	Pause     sim.Time // between two operations, on average; 0 is none
}

// Op is one operation. Value is what is written, another one each time.
type Op struct {
	Read     bool
	Register string
	Value    string
}

// Program is one client's. It is not safe for use from two goroutines.
type Program struct {
	client string
	mix    Mix
	rand   *sim.Rand
	n      int
}

// New is the program of a client in a run of that seed.
func New(seed uint64, client string, mix Mix) *Program {
	return &Program{client: client, mix: mix,
		rand: sim.NewRand(seed).Fork("registers of " + client)}
}

// Next is what to do now.
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

// Pause is how long to think now: from a half to one and a half of the mix's, so that clients do not keep step.
func (p *Program) Pause() sim.Time {
	if p.mix.Pause == 0 {
		return 0
	}
	return p.rand.Between(p.mix.Pause/2, p.mix.Pause*3/2)
}
