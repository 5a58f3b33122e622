package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/tree"
)

// libraryNames are words in the names of client libraries and their recipes. A library runs in each
// application, and calls the ensemble for it.
var libraryNames = wordSet("curator", "kazoo", "library", "lib", "sdk", "latch", "leaderlatch",
	"leaderselector", "selector", "recipe", "zkclient", "mutex", "interprocessmutex", "driver",
	"framework", "curatorframework", "leaderelection", "api")

// library reports whether a participant that calls the ensemble is a library. It is one if a client
// calls it and its name is a library's, or if several clients call it and its name has the word
// "client".
func (c *Cast) library(p diagram.Participant, words []string) bool {
	callers := c.callers[p.Name]
	return c.asks[p.Name] && (len(callers) > 0 && says(words, libraryNames) ||
		len(callers) > 1 && slices.Contains(words, "client"))
}

// called remembers that one participant calls another.
func (c *Cast) called(from, to string) {
	if from != to && !slices.Contains(c.callers[to], from) {
		c.callers[to] = append(c.callers[to], from)
	}
}

// through replaces a library at an end of an arrow by the client that it works for. Its calls are
// for the client that called it last. An answer is for the client of the last call without an
// answer, and a notification for the last client that is not silenced by a fault.
func (c *compiler) through(a *Act, text string) {
	roles := c.cast.Roles
	from, to := roles[a.From].Kind, roles[a.To].Kind
	switch {
	case from == RoleClient && to == RoleLibrary:
		c.caller[a.To] = a.From
		c.callers[a.To] = append(slices.DeleteFunc(slices.Clone(c.callers[a.To]),
			func(who string) bool { return who == a.From }), a.From)
	case from == RoleLibrary && a.To == a.From:
		a.Via = a.From
		a.From = c.user(a.From)
		a.To = a.From
	case from == RoleLibrary && (to == RoleEnsemble || to == RoleServer):
		a.Via = a.From
		a.From = c.user(a.From)
		c.open[a.Via] = append(c.open[a.Via], a.From)
		a.Supplied = append(a.Supplied, a.Via+" calls for "+a.From)
	case to == RoleLibrary && (from == RoleEnsemble || from == RoleServer):
		a.Via = a.To
		_, _, sure := parseNotice(a.plain())
		open := c.open[a.Via]
		if n := len(open); n > 0 && !sure {
			a.To, c.open[a.Via] = open[n-1], open[:n-1]
			return
		}
		list := c.callers[a.Via]
		a.To = c.user(a.Via)
		for i := len(list) - 1; i >= 0; i-- {
			if !c.silent[list[i]] {
				a.To = list[i]
				break
			}
		}
		library, client := a.Via, a.To
		a.Supplied = append(a.Supplied, library+" gets the notification on behalf of "+client)
	}
}

// user returns the client that called a library last. Without a call it returns the first client
// with an arrow to the library, or the library itself.
func (c *compiler) user(library string) string {
	if who := c.caller[library]; who != "" {
		return who
	}
	for _, who := range c.cast.callers[c.cast.Drawn(library)] {
		if n := c.cast.name(who); c.cast.Roles[n].Kind == RoleClient {
			return n
		}
	}
	return library
}

// users replaces the libraries in a list of participants by the clients that they work for.
func (c *compiler) users(over []string) []string {
	for i, name := range over {
		if c.cast.Roles[name].Kind == RoleLibrary {
			over[i] = c.user(name)
		}
	}
	return over
}

// libraries are what earlier lines show of libraries.
type libraries struct {
	caller  map[string]string   // by library: the client that called it last
	callers map[string][]string // by library: all clients that called it, the last caller last
	open    map[string][]string // by library: the clients of its calls without an answer
}

func newLibraries() libraries {
	return libraries{make(map[string]string), make(map[string][]string),
		make(map[string][]string)}
}

// hears supplies the watch for a notification that comes through a library. Libraries set watches
// themselves, and drawings show only the notifications.
func (s *supplier) hears(i int, event *Act) {
	if event.Via == "" || s.watching[event.To] {
		return
	}
	for k := i - 1; k >= max(0, i-reach); k-- {
		a := s.acts[k]
		if a.Watcher != "" || a.Via != event.Via || !(a.Kind == Reply && a.To == event.To ||
			a.Kind == Call && a.From == event.To && a.Answer == nil) {
			continue
		}
		path := event.Notice.Path
		for n := k; n >= max(0, i-reach) && path == ""; n-- {
			if b := s.acts[n]; b.Kind == Call && b.From == event.To {
				path = strings.TrimRight(b.Op.Path, "0123456789")
			}
		}
		if path == "" || a.Kind == Call {
			return
		}
		a.Watch = new(watchOf(path))
		a.Watcher = event.To
		library, client := event.Via, event.To
		a.told("a watch on %s, which %s sets on behalf of %s", path, library, client)
		return
	}
}

// watches reads a note over a client, such as "watches /leader", as a call that sets a watch. It
// returns false for another note.
func (c *compiler) watches(a *Act, over []string, l line) bool {
	at, length, v := find(l.words, calls)
	if v != verbWatch || len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient ||
		denied(l.words, at) || open(l.words, at) || attempted(l.words, at) ||
		stray(l.words, at+length) != "" || len(c.cast.ensemble()) == 0 {
		return false
	}
	path := firstPath(l.words)
	if path == "" {
		path = c.shortened(l.words)
	}
	if path == "" {
		path = c.last
	}
	if path == "" || tree.ValidateCreatePath(path, false) != nil {
		return false
	}
	a.Kind, a.Op = Call, watchOf(path)
	if childWords.in(l.words) {
		a.Op.Type = tree.OpGetChildren2
	}
	a.noted, a.end = true, a.To
	a.From, a.To = over[0], c.cast.ensemble()[0]
	client := over[0]
	a.told("this note is read as a call: %s sets a watch on %s", client, path)
	return true
}
