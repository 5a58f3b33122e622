package client

// Lock is ZooKeeper's lock recipe: the owner of the lowest numbered node below Path holds the lock,
// and every other client watches the node before its own. The lock is fair, and a release wakes one
// client (if all clients watched the list, a release would wake all of them: hazard H1 in doc.go).
//
// In three ways Lock follows Curator's InterProcessMutex instead of ZooKeeper's recipes page. The
// name of a node begins with a GUID: if the answer to the create is lost, the client finds its node
// by this GUID (hazard H5). Before it searches for the node, the client does a sync (CURATOR-264).
// It sets its watch with getData, not with exists, because exists would also set a watch on a node
// that is gone.
//
// The lock alone does not exclude other holders: if a holder is paused or cut off for longer than
// its session timeout, it may still act when the next holder already has the lock (hazard H2). Send
// [Held.Token] to the resource that the lock guards, and let the resource refuse older tokens
// ([Fence]).
type Lock struct {
	Path string
	Data []byte // of the nodes, for observers
}

// Acquire waits until the caller holds the lock. It fails with [ErrSessionOver] if the session is
// over and the client opens no new session.
func (l Lock) Acquire(p *Proc) (*Held, error) {
	return p.acquire(l.Path, exclusive, l.Data, next)
}

// RWLock is a lock for many readers or one writer. All wait in one line, each with a numbered node.
// A reader waits for the last writer that is before it in the line; a writer waits for the node
// directly before its own. So neither readers nor writers starve.
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

// Read acquires the lock as a reader: it waits until no writer is before the caller in the line.
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

// Write acquires the lock as a writer: it waits until the caller is the first in the line.
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

// Check says how a resource checks fencing tokens.
type Check uint8

// The ways to check fencing tokens. Only with CheckDurable does a resource always refuse a token
// that is older than the newest token it has accepted.
const (
	CheckDurable  Check = iota // keeps the newest token as safe as its data
	CheckInMemory              // forgets the newest token when it restarts
	CheckNothing               // accepts every write
)

// Fence checks fencing tokens for a resource: it remembers the newest token and refuses older ones.
// The zero value has seen no token.
type Fence struct{ newest int64 }

// Take reports whether the resource accepts the write u, and remembers the newest token. How the
// resource checks the token is given by u.Check.
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
