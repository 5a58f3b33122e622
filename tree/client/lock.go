package client

// Lock is ZooKeeper's lock recipe: the owner of the lowest numbered node below Path holds the lock,
// and every other client watches the node before its own. The lock is fair, and a release wakes one
// client (if all clients watched the list, a release would wake all of them: H1).
//
// Lock follows Curator's InterProcessMutex instead of ZooKeeper's recipes page in three things. The
// name of a node begins with a GUID, by which a client finds its node when the answer to the create
// was lost (H5). A sync comes before that search (CURATOR-264). The watch is set by a getData,
// because an exists would also set a watch on a node that is gone.
//
// The lock alone does not exclude others: a holder that is paused or cut off for longer than its
// session timeout continues at the same time as the next holder (H2). Send [Held.Token] to the
// resource that the lock guards, and let the resource refuse older tokens ([Fence]).
type Lock struct {
	Path string
	Data []byte // of the nodes, for observers
}

// Acquire waits for the lock. It fails with [ErrSessionOver] when the session is over and no new
// session follows.
func (l Lock) Acquire(p *Proc) (*Held, error) {
	return p.acquire(l.Path, exclusive, l.Data, next)
}

// RWLock is a lock for many readers or one writer. A reader waits for the last writer before it in
// line, and a writer for the ticket directly before its own, so neither starves.
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

// Use is a write with a fencing token to a resource outside the ensemble.
type Use struct {
	Resource string
	Token    int64
	Check    Check // that the resource makes: always the same for one resource
	// Restarted says that the resource has restarted since the write before. A resource that keeps
	// the newest token in memory only forgets it then.
	Restarted bool
}

// Check is how a resource checks fencing tokens.
type Check uint8

// The ways in which a resource can check tokens. Only CheckDurable refuses every token that is older
// than a token that the resource has accepted.
const (
	CheckDurable  Check = iota // keeps the newest token as safe as its data
	CheckInMemory              // forgets the newest token when it restarts
	CheckNothing               // accepts every write
)

// Fence checks fencing tokens for a resource: it remembers the newest token and refuses older ones.
// The zero value has seen no token.
type Fence struct{ newest int64 }

// Take reports whether the resource accepts a write, given how the resource checks tokens (u.Check),
// and remembers the newest token.
func (f *Fence) Take(u Use) bool {
	if u.Restarted && u.Check == CheckInMemory {
		f.newest = 0
	}
	return f.Admit(u.Token) || u.Check == CheckNothing
}

// Admit reports whether the resource accepts a write with this token.
func (f *Fence) Admit(token int64) bool {
	if token < f.newest {
		return false
	}
	f.newest = token
	return true
}
