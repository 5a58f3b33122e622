// Package recipe lets a client program declare which recipe it implements, and at which path: a
// lock, an election, a queue or a barrier. The declaration decides which promises the program must
// keep (package promise), whatever nodes it uses. Tests of client programs declare recipes (package
// fuzztest), and the record of a run has the declarations
// ([github.com/zablab/zablab/linearizability.Record]).
//
//	recipe.Lock("/lock")                       one program at a time
//	recipe.Lock("/lock").InOrder()             and by the order of numbered nodes
//	recipe.Lock("/lock").Fenced("DB")          and what it writes to DB is fenced
//	recipe.Election("/leader").Lease()         it ends by the holder's own clock: two may hold it
//
// # How programs report beliefs
//
// A program reports what it believes by calling methods of client.Proc. The program need not name
// its nodes. A belief that names no node ends at the latest with the session in which the belief
// began.
//
//	lock, election    Want   it waits for the office; LetGo says that it waits no longer
//	                  Hold   it believes from now on that it holds the office
//	                  LetGo  it believes so no longer; say so before the office is free
//	read-write lock   the same, and WantShared and HoldShared of a reader
//	queue             Say    of an item by its name: Puts, then HasPut, PerhapsPut or NotPut;
//	                         Takes, then Took or PerhapsTook
//	barrier           Say    Enters, then Passes; Leaves, then HasLeft
//
// The recipes of package client make these calls themselves. A program that uses such a recipe need
// not make these calls, but may.
package recipe

import (
	"fmt"
	"slices"
)

// Kind is the kind of a recipe, such as a lock or a queue.
type Kind string

// The kinds of recipes.
const (
	KindLock     Kind = "lock"            // one program holds it at a time
	KindRWLock   Kind = "read-write lock" // many readers hold it at a time, or one writer
	KindElection Kind = "election"        // one program leads at a time
	KindQueue    Kind = "queue"           // each item is taken once
	KindBarrier  Kind = "barrier"         // no program passes before Size programs have entered
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{KindLock, KindRWLock, KindElection, KindQueue, KindBarrier} }

// Recipe is a program's declaration: the kind of its recipe, the path, and what the program
// promises in addition. The zero value declares nothing.
type Recipe struct {
	Kind Kind
	Path string // of the office, queue or barrier: it identifies it
	// Leased says that the office is a lease, which ends by its holder's own clock. It excludes
	// nobody, so mutual exclusion is not checked.
	Leased bool
	// Ordered says that the office is given in the order of numbered nodes below Path.
	Ordered bool
	// Resource, if not empty, is a resource outside the ensemble that only holders of the office
	// write to. No write of a holder is accepted after one of a later holder.
	Resource string
	Size     int // of a barrier: how many programs pass together
}

// Lock declares a lock: at most one program holds it at a time.
func Lock(path string) Recipe { return Recipe{Kind: KindLock, Path: path} }

// RWLock declares a lock that either one writer or any number of readers hold at a time.
func RWLock(path string) Recipe { return Recipe{Kind: KindRWLock, Path: path} }

// Election declares an election: at most one program leads at a time.
func Election(path string) Recipe { return Recipe{Kind: KindElection, Path: path} }

// Queue declares a queue: each item is taken once, and no item is lost.
func Queue(path string) Recipe { return Recipe{Kind: KindQueue, Path: path} }

// Barrier declares a barrier: no program passes before size programs have entered.
func Barrier(path string, size int) Recipe {
	return Recipe{Kind: KindBarrier, Path: path, Size: size}
}

// Lease declares that a lock or an election is a lease: the holder's own clock decides when it
// ends. Two programs may hold a lease at once, so mutual exclusion is not checked.
func (r Recipe) Lease() Recipe { r.Leased = true; return r }

// InOrder promises that programs get the lock, or the leadership, in the order of their numbered
// nodes below the path.
func (r Recipe) InOrder() Recipe { r.Ordered = true; return r }

// Fenced promises that the resource accepts no write of an earlier holder after a write of a later
// holder. The program writes with client.Proc.Use.
func (r Recipe) Fenced(resource string) Recipe { r.Resource = resource; return r }

// Office reports whether the recipe is an office: a lock or an election.
func (r *Recipe) Office() bool {
	return r.Kind == KindLock || r.Kind == KindRWLock || r.Kind == KindElection
}

// Check returns an error if the kind is unknown, or if the fields do not fit the kind.
func (r *Recipe) Check() error {
	wrong := func(problem string) error {
		return fmt.Errorf("the declared %s at %q %s", r.Kind, r.Path, problem)
	}
	switch {
	case !slices.Contains(Kinds(), r.Kind):
		return fmt.Errorf("no recipe has the kind %q: use one of %q", r.Kind, Kinds())
	case len(r.Path) < 2 || r.Path[0] != '/':
		return wrong("needs the path of a node: write a path that begins with /")
	case r.Kind == KindBarrier && r.Size < 1:
		return wrong(fmt.Sprintf("is for %d programs: a barrier needs at least 1", r.Size))
	case r.Kind != KindBarrier && r.Size != 0:
		return wrong("has a size: only a barrier may have a size")
	case !r.Office() && (r.Leased || r.Ordered || r.Resource != ""):
		return wrong("has a lease, an order or a resource: only a lock or an election may " +
			"have these")
	}
	return nil
}

// String returns the declaration in words, such as "a lock at /lock, fenced at DB".
func (r Recipe) String() string {
	article := "a "
	if r.Kind == KindElection {
		article = "an "
	}
	text := article + string(r.Kind) + " at " + r.Path
	if r.Kind == KindBarrier {
		text += fmt.Sprintf(" for %d programs", r.Size)
	}
	if r.Leased {
		text += ", a lease"
	}
	if r.Ordered {
		text += ", in order"
	}
	if r.Resource != "" {
		text += ", fenced at " + r.Resource
	}
	return text
}
