package engine

import (
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Storyteller is an engine that keeps no records, but can still describe its run.
type Storyteller interface{ Story() *Story }

// Story describes a run of an engine that keeps no records.
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
