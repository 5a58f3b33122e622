package client

// Lock is ZooKeeper's lock recipe: whoever made the lowest numbered node below Path holds it; each
// of the others watches the one before its own. It is fair, and one release wakes one (to watch
// the list instead wakes all, H1).
//
// Three things are as in Curator's InterProcessMutex and not as on ZooKeeper's page: the name
// begins with a GUID, by which a node is found again when the answer to its create was lost (H5);
// a sync goes before that look (CURATOR-264); the watch is set by a getData, which leaves none on
// a node that is gone.
//
// What it does not give is safety by itself: a holder that is paused, or cut off, for longer than
// its session goes on in good faith beside the next one. Show [Held.Token] to what the lock
// guards, and let that refuse older ones ([Fence]).
type Lock struct {
	Path string
	Data []byte // of the nodes, for who looks
}

// Acquire waits for the lock. It fails with [ErrSessionOver] when no session is left to hold it.
func (l Lock) Acquire(p *Proc) (*Held, error) {
	return p.queueUp(new(place), l.Path, exclusive, l.Data, next)
}

// RWLock is a lock that many may hold to read, or one to write. A reader waits for the last writer
// before it, a writer for whoever stands directly before it; so neither is passed over for ever.
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

// Read waits until no writer stands before it.
func (l RWLock) Read(p *Proc) (*Held, error) {
	return p.queueUp(new(place), l.Path, reader, l.Data, func(line []ticket, own int) string {
		for i := own - 1; i >= 0; i-- {
			if line[i].kind == writer {
				return line[i].name
			}
		}
		return ""
	})
}

// Write waits until nobody stands before it.
func (l RWLock) Write(p *Proc) (*Held, error) {
	return p.queueUp(new(place), l.Path, writer, l.Data, next)
}

// Fence is a resource's side of fencing: it remembers the newest token, and refuses older ones. The
// zero value has seen none.
type Fence struct{ newest int64 }

// Admit says whether a write with this token is taken.
func (f *Fence) Admit(token int64) bool {
	if token < f.newest {
		return false
	}
	f.newest = token
	return true
}
