package ensemble_test

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// What clients do while a fault is planted, and the plans that go with it.

// writer is a client of S1, reader one of S2 that follows it.
func writer(p *client.Proc) {
	p.WaitConnected()
	p.Create("/x", []byte("0"), tree.Persistent)
	p.Get("/x")
	stat, _ := p.Set("/x", []byte("1"), tree.AnyVersion)
	p.Get("/x")
	p.Set("/x", []byte("2"), stat.Version)
	p.Get("/x")
}

func reader(p *client.Proc) {
	p.WaitConnected()
	p.Sleep(sim.Second)
	p.Create("/x", []byte("9"), tree.Persistent)
	p.Sync("/x")
	p.Get("/x")
}

// watched: A watches what B makes and changes, and looks.
var watched = []func(*client.Proc){
	func(p *client.Proc) {
		p.WaitConnected()
		p.ExistsW("/x")
		p.Sleep(2 * sim.Second)
		p.Exists("/x")
	},
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(sim.Second)
		p.Create("/x", nil, tree.Persistent)
	},
}

// stayed: A watches everything for good.
var stayed = []func(*client.Proc){
	func(p *client.Proc) {
		p.WaitConnected()
		p.Do(tree.Op{Type: tree.OpAddWatch, Path: "/", WatchMode: tree.WatchPersistentRecursive})
		p.Sleep(2 * sim.Second)
		p.Exists("/x")
	},
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(sim.Second)
		p.Create("/x", nil, tree.Persistent)
		p.Set("/x", nil, tree.AnyVersion)
	},
}

// late: A writes at S1, and B syncs and reads at S2, which gets no COMMIT for a while.
var late = []func(*client.Proc){
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(sim.Second)
		p.Create("/x", nil, tree.Persistent)
	},
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(2 * sim.Second)
		p.Sync("/x")
		p.Exists("/x")
	},
}

const lagging = "1.500s hold S3 > S2 COMMIT\n5.000s release"

// moving: A writes at S1, and then can only reach S2, which lags.
var moving = []func(*client.Proc){
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(sim.Second)
		p.Create("/x", nil, tree.Persistent)
		p.Sleep(sim.Second)
		p.Exists("/x")
	},
}

const moved = `2.500s cut A > S1
2.500s cut A > S3
2.500s reset A S1
5.000s heal`

// multis: A does a multi that fails, and one that does not.
var multis = []func(*client.Proc){func(p *client.Proc) {
	p.WaitConnected()
	p.Create("/x", nil, tree.Persistent)
	create := func(path string) tree.Op {
		return tree.Op{Type: tree.OpCreate, Path: path, ACL: tree.OpenACL}
	}
	p.Multi(create("/y"), create("/x"))
	p.Multi(create("/whole"), create("/half"))
	p.Exists("/whole")
	p.Exists("/half")
}}

// numbers: A makes three sequential nodes.
var numbers = []func(*client.Proc){func(p *client.Proc) {
	p.WaitConnected()
	for range 3 {
		p.Create("/n-", nil, tree.PersistentSequential)
	}
}}

// ephemerals: A's node goes with its session, and B looks before, and twice after.
var ephemerals = []func(*client.Proc){
	func(p *client.Proc) {
		p.WaitConnected()
		p.Create("/e", nil, tree.Ephemeral)
		p.Sleep(sim.Second)
		p.Close()
	},
	func(p *client.Proc) {
		p.WaitConnected()
		p.Sleep(500 * sim.Millisecond)
		p.Exists("/e")
		p.Sleep(1500 * sim.Millisecond)
		p.Exists("/e")
		p.Create("/e", nil, tree.Ephemeral)
		p.Create("/x", nil, tree.Persistent)
	},
}
