package engine

import (
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Storyteller is an engine that has no records of a simulated world, but can describe its run in
// another way.
type Storyteller interface{ Story() *Story }

// Story describes a run of an engine that has no records of a simulated world.
type Story struct {
	Account
	Nodes    []trace.Node
	Packets  []*Packet
	Reigns   []Reign
	Faults   []Happened
	ClientOf func(session int64) string
}

// Happened is a fault that was carried out.
type Happened struct {
	Fault sim.Fault
	At    sim.Time
	Index int64
}
