package trial

import (
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// pace is how long a client works, and rests, on average.
const pace = 600 * sim.Millisecond

func think(p *client.Proc) { p.Sleep(p.Rand().Between(pace/4, 2*pace)) }

// pause is what a client does between two turns with a lock. When no fault acts any more, it ends
// its work: what nobody else takes has to reach those who still wait for it.
func pause(p *client.Proc, n *notes) {
	if n.isCalm(p) {
		p.Sleep(sim.Never)
	}
	think(p)
}

// Lock returns the Subject for a lock or an election. The function lock waits until the caller
// holds the lock, and returns the caller's node; unlock releases the lock.
func Lock(lock func(*client.Proc) (string, error), unlock func(*client.Proc, string)) Subject {
	return Subject{func(p *client.Proc, n *notes) {
		for p.WaitConnected() {
			session := p.Session()
			p.Want()
			node, err := lock(p)
			if err != nil {
				n.fails(p, session, err)
				continue
			}
			if !mortal(p, n, node) {
				continue
			}
			n.got++
			p.Hold(node)
			held := p.Session()
			work(p, held)
			p.LetGo()
			giveBack(p, n, node, held, unlock)
			pause(p, n)
		}
	}}
}

// Store is the resource that the holders of a lock with tokens write to.
const Store = "store"

// TokenLock returns the Subject for a lock that also gives its holder a fencing token. The holder
// writes to the store with that token, even when it cannot know whether it still holds the lock.
// The check judges only the writes that the store accepts.
func TokenLock(
	lock func(*client.Proc) (string, int64, error), unlock func(*client.Proc, string),
) Subject {
	return Subject{func(p *client.Proc, n *notes) {
		for p.WaitConnected() {
			session := p.Session()
			p.Want()
			node, token, err := lock(p)
			if err != nil {
				n.fails(p, session, err)
				continue
			}
			p.Hold(node)
			held := p.Session()
			for left := p.Rand().Intn(3); left >= 0 && p.Session() == held; left-- {
				if p.Use(Store, token) {
					n.got++
				} else if n.isCalm(p) && n.refused == "" {
					n.refused = p.Name() + " holds the lock, but the store refuses its token " +
						strconv.FormatInt(token, 10) + ", although no fault acts: it has accepted a " +
						"greater token before"
				}
				work(p, held)
			}
			p.LetGo()
			giveBack(p, n, node, held, unlock)
			pause(p, n)
		}
	}}
}

// notes are what the clients of a run note.
type notes struct {
	length   sim.Time         // from when on no fault begins
	calm     sim.Time         // from when on no fault acts
	rates    map[string]int64 // by client: the fastest rate of its clock, if not 1, in thousandths
	got      int              // how often a client got what it waited for
	looked   bool             // a client has looked whether its node is ephemeral
	stays    string           // a node that outlives its owner, in a sentence
	vanishes string           // an item that ends with the session that put it, in a sentence
	kept     string           // a node that was still there after it was given back, in a sentence
	refused  string           // a token that the store refused while no fault acted, in a sentence
	gaveUp   string           // a function that failed while no fault acted, in a sentence
	shared   sharing          // of a read-write lock
	herd     string           // a deletion that notified several clients in line, in a sentence
	herdAt   sim.Time         // its moment
}

// isCalm reports whether no fault acts any more.
func (n *notes) isCalm(p *client.Proc) bool { return n.isAfter(p, n.calm) }

// isAfter reports whether a moment of the world is certainly over. A client sees its own clock
// only, which shows at most the time of the world at the clock's fastest rate.
func (n *notes) isAfter(p *client.Proc, moment sim.Time) bool {
	return p.Now()*1000/sim.Time(max(n.rates[p.Name()], 1000)) > moment
}

// fails notes that a function of the program returned an error, and rests. The function may fail
// when the session that it was called in is over, or while faults act. Otherwise it has to wait.
func (n *notes) fails(p *client.Proc, session int64, err error) {
	if n.isCalm(p) && p.State() == client.Connected && p.Session() == session && n.gaveUp == "" {
		n.gaveUp = p.Name() + " gets the error \"" + err.Error() + "\", although its session goes " +
			"on, it is connected, and no fault acts"
	}
	p.LetGo()
	rest(p)
}

// mortal looks, once in a run, whether the node of a holder ends with its session. It returns false
// if the session has ended meanwhile.
func mortal(p *client.Proc, n *notes, node string) bool {
	if n.looked || node == "" {
		return true
	}
	n.looked = true
	session := p.Session()
	found, stat, err := p.Exists(node)
	if err == nil && found && stat.EphemeralOwner == 0 {
		n.stays = "the node " + node + " is not ephemeral, so it stays when its owner dies"
	}
	if p.Session() == session && p.State() == client.Connected {
		return true
	}
	p.LetGo()
	return false
}

// giveBack gives a lock back, and looks whether its node is gone.
func giveBack(p *client.Proc, n *notes, node string, session int64, unlock func(*client.Proc, string)) {
	if p.Session() != session {
		return // the node ends with its session
	}
	unlock(p, node)
	for node != "" && p.WaitConnected() && p.Session() == session {
		// A client never reads a state older than one that it has seen: if it has seen the node go, it
		// does not find it again, whichever server it asks.
		found, stat, err := p.Exists(node)
		if err != nil {
			continue
		}
		if found && stat.EphemeralOwner == session && n.kept == "" {
			n.kept = p.Name() + " has given the lock back, but its node " + node + " still exists"
		}
		return
	}
}

// work is a while of work, which ends when the client learns that its session is over.
func work(p *client.Proc, session int64) {
	p.Until(p.Rand().Between(pace/4, 2*pace), func() bool {
		return p.Session() != session || p.State().Final()
	})
}

// rest is a pause after an error: a program that fails at once must not run for ever.
func rest(p *client.Proc) { p.Sleep(p.Rand().Between(100*sim.Millisecond, pace)) }

// RWLock returns the Subject for a lock that many readers or one writer can hold.
func RWLock(read, write func(*client.Proc) (string, error), unlock func(*client.Proc, string)) Subject {
	return Subject{func(p *client.Proc, n *notes) {
		n.shared.leaves(p) // an earlier process of this client may have died
		for p.WaitConnected() {
			take, want, hold, as := read, p.WantShared, p.HoldShared, wantsToRead
			if p.Rand().Intn(3) == 0 {
				take, want, hold, as = write, p.Want, p.Hold, writes
			}
			session := p.Session()
			want()
			n.shared.is(p, as)
			node, err := take(p)
			if err != nil {
				n.shared.leaves(p)
				n.fails(p, session, err)
				continue
			}
			n.got++
			hold(node)
			if as == wantsToRead {
				n.shared.is(p, reads)
			}
			held := p.Session()
			work(p, held)
			p.LetGo()
			n.shared.leaves(p)
			giveBack(p, n, node, held, unlock)
			pause(p, n)
		}
	}}
}

// Items is the node whose children are the items of a queue.
const Items = "/queue"

// Queue returns the Subject for a queue: put adds an item; take waits for an item, removes it and
// returns it. An error for which [client.Maybe] is true says that the operation may have happened.
// When no fault begins any more, clients only take, so that every item that is there is taken.
func Queue(put func(*client.Proc, string) error, take func(*client.Proc) (string, error)) Subject {
	return Subject{func(p *client.Proc, n *notes) {
		for i := 0; p.WaitConnected(); i++ {
			if n.got == 0 || !n.isAfter(p, n.length) {
				putOne(p, n, put, p.Name()+strconv.FormatInt(p.Session(), 16)+"-"+strconv.Itoa(i))
				think(p)
			}
			if tookOne(p, n, take) {
				think(p)
			}
		}
	}}
}

// putOne puts an item, and says what came of it.
func putOne(p *client.Proc, n *notes, put func(*client.Proc, string) error, item string) {
	p.Say(client.Puts, item)
	switch err := put(p, item); {
	case err == nil:
		p.Say(client.HasPut, item)
		vanish(p, n)
	case client.Maybe(err):
		p.Say(client.PerhapsPut, item)
	default:
		p.Say(client.NotPut, item)
	}
}

// tookOne takes an item, and reports whether the client got one, or perhaps got one.
func tookOne(p *client.Proc, n *notes, take func(*client.Proc) (string, error)) bool {
	session := p.Session()
	p.Say(client.Takes, "")
	item, err := take(p)
	switch {
	case err == nil:
		n.got++
		p.Say(client.Took, item)
	case client.Maybe(err) && item != "":
		p.Say(client.PerhapsTook, item)
	default:
		n.fails(p, session, err)
		return false
	}
	return true
}

// vanish looks, until one item has been seen in a run, whether it ends with the session of the
// client that put it.
func vanish(p *client.Proc, n *notes) {
	if n.looked {
		return
	}
	names, _, err := p.Children(Items)
	if err != nil || len(names) == 0 {
		return
	}
	node := Items + "/" + names[0]
	found, stat, err := p.Exists(node)
	if err != nil || !found {
		return
	}
	n.looked = true
	if stat.EphemeralOwner != 0 {
		n.vanishes = "the node " + node + " is ephemeral, so it ends with the session of the client " +
			"that put it, and nobody can take it any more"
	}
}
