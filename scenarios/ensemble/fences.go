package ensemble

import (
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab/flaw"
)

// fences are the outside resources that clients write to: each resource should admit no token older
// than one that it has seen (hazard H2 of package client). The witness judges the accesses, also
// those of a resource whose check is not good enough for that ([client.Check]).
type fences struct {
	byName   map[string]*client.Fence
	accesses []lin.Access
	refused  int
}

// use writes to a resource for a client; it returns false if the resource refuses the write.
func (e *Ensemble) use(name string, u client.Use) bool {
	f := &e.fences
	if f.byName == nil {
		f.byName = make(map[string]*client.Fence)
	}
	fence := f.byName[u.Resource]
	if fence == nil {
		fence = new(client.Fence)
		f.byName[u.Resource] = fence
	}
	accepted := fence.Take(u) || e.misses(flaw.NoFence)
	if !accepted {
		f.refused++
	}
	f.accesses = append(f.accesses, lin.Access{
		Client: lin.Client(name), Resource: u.Resource, Fenced: true, At: int64(e.World.Now()),
		Token: u.Token, Accepted: accepted,
	})
	return accepted
}

// misses reports whether f is the injected flaw, and counts its place.
func (e *Ensemble) misses(f flaw.Flaw) bool {
	if places := e.places(); places != nil {
		places[f]++
	}
	return e.config.Flaw.At(f, &e.flawHits)
}
