package client

// Lock is ZooKeeper's lock recipe: the owner of the lowest numbered node below Path holds the lock;
// every other waiter watches the node before its own. It is fair, and a release wakes one waiter
// (watching the list instead would wake all, H1).
//
// Three things follow Curator's InterProcessMutex, not ZooKeeper's page: the name begins with a
// GUID, which identifies the node when the answer to its create was lost (H5); a sync comes before
// that search (CURATOR-264); the watch is set by a getData, which sets none on a node that is gone.
//
// The lock alone does not exclude: a holder that is paused or cut off for longer than its session
// continues at the same time as the next one (H2). Show [Held.Token] to the resource that the lock
// guards, and let the resource refuse older tokens ([Fence]).
type Lock struct {
	Path string
	Data []byte // of the nodes, for observers
}

// Acquire waits for the lock. It fails with [ErrSessionOver] when the session ends and no other
// follows.
func (l Lock) Acquire(p *Proc) (*Held, error) {
	return p.acquire(l.Path, exclusive, l.Data, next)
}

// RWLock is a lock for many readers or one writer. A reader waits for the last writer before it, a
// writer for the ticket directly before its own, so neither starves.
type RWLock struct {
	Path string
	Data []byte
}

// The kinds of tickets.
const (
	exclusive = "n"
	reader    = "r"
	writer    = "w"
)

// Read waits until no writer is before the caller in line.
func (l RWLock) Read(p *Proc) (*Held, error) {
	return p.acquire(l.Path, reader, l.Data, func(line []ticket, own int) string {
		i := own - 1
		for i >= 0 && line[i].kind != writer {
			i--
		}
		if i < 0 || p.readsDirectly(line[i].name, line[own-1].name) {
			return ""
		}
		return line[i].name
	})
}

// Write waits until the caller is first in line.
func (l RWLock) Write(p *Proc) (*Held, error) {
	return p.acquire(l.Path, writer, l.Data, next)
}

// Fence is the resource's side of fencing: it remembers the newest token and refuses older ones.
// The zero value has seen none.
type Fence struct{ newest int64 }

// Admit reports whether a write with this token is accepted.
func (f *Fence) Admit(token int64) bool {
	if token < f.newest {
		return false
	}
	f.newest = token
	return true
}
