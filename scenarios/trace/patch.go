package trace

import "strconv"

// Patch is the change that one event made to the state of the participant ([Node]) in which it
// happened. The field Groups is a change to the network instead. A nil or empty field changes
// nothing.
type Patch struct {
	// Role is down, looking, syncing, following, leading or observing; of a client: connecting,
	// connected, …
	Role    string
	Epoch   *uint32 // the one in which the server leads or follows; 0 without one
	Leader  *string
	Acc     *uint32 // acceptedEpoch on disk
	Cur     *uint32 // currentEpoch on disk
	Durable *string // zxid up to which the log is on disk
	Log     *Record // appended
	Reload  *Reload // replaces the log
	Com     *string // zxid up to which the node has committed, or applied; of a resource: newest token
	Trunc   *string // zxid at which the log now ends
	Tree    []TreeChange
	Wipe    bool // empties the tree, before the changes of Tree
	Watch   *WatchChange
	Sess    []SessionChange
	Belief  *bool
	Groups  [][]string // of a split network; empty after a heal; nil for no change
	Server  *string    // of a client: the server to which it is connected, or empty
}

// Record is one entry of a server's log: its zxid and its transaction as text.
type Record struct{ Z, Op string }

// Reload is a server's whole history: a snapshot up to the zxid Base, and the records after it.
type Reload struct {
	Base    string
	Records []Record
}

// TreeChange creates, changes or deletes one znode in a server's tree.
type TreeChange struct {
	Path    string
	Deleted bool
	Data    string
	Owner   string // of an ephemeral node: the client's name, or the session
	Version int32
	Cz, Mz  string
}

// WatchChange sets or removes one watch of a server. With All it removes every watch of Client, or
// of all clients if Client is empty.
type WatchChange struct {
	Set    bool
	All    bool
	Path   string
	Client string
}

// SessionChange opens or closes a session in a server's tree.
type SessionChange struct {
	Open   bool
	Client string
	ID     string
	Ms     int32 // the timeout of a session that opens
}

// append appends the patch as the JSON key "d", or nothing if the patch is empty.
func (p *Patch) append(b []byte) []byte {
	start := len(b)
	b = append(b, `,"d":{`...)
	n := 0
	key := func(name string) {
		b = append(comma(b, n), '"')
		b = append(append(b, name...), '"', ':')
		n++
	}
	if p.Role != "" {
		key("role")
		b = text(b, p.Role)
	}
	number := func(name string, v *uint32) {
		if v != nil {
			key(name)
			b = strconv.AppendUint(b, uint64(*v), 10)
		}
	}
	word := func(name string, v *string) {
		if v != nil {
			key(name)
			b = text(b, *v)
		}
	}
	number("ep", p.Epoch)
	word("ldr", p.Leader)
	number("acc", p.Acc)
	number("cur", p.Cur)
	word("durable", p.Durable)
	if p.Log != nil {
		key("log")
		b = p.Log.append(b)
	}
	if p.Reload != nil {
		key("reload")
		b = p.Reload.append(b)
	}
	word("com", p.Com)
	word("trunc", p.Trunc)
	if p.Wipe || len(p.Tree) > 0 {
		key("tree")
		b = p.appendTree(b)
	}
	if p.Watch != nil {
		key("watch")
		b = p.Watch.append(b)
	}
	if len(p.Sess) > 0 {
		key("sess")
		b = append(b, '[')
		for i := range p.Sess {
			b = p.Sess[i].append(comma(b, i))
		}
		b = append(b, ']')
	}
	if p.Belief != nil {
		key("belief")
		b = append(strconv.AppendBool(append(b, `{"lead":`...), *p.Belief), '}')
	}
	if p.Groups != nil {
		key("groups")
		b = appendGroups(b, p.Groups)
	}
	word("srv", p.Server)
	if n == 0 {
		return b[:start]
	}
	return append(b, '}')
}

func (w *WatchChange) append(b []byte) []byte {
	sign := `["-",`
	switch {
	case w.All:
		sign = `["x",`
	case w.Set:
		sign = `["+",`
	}
	b = text(append(text(append(b, sign...), w.Path), ','), w.Client)
	return append(b, ']')
}

func appendGroups(b []byte, groups [][]string) []byte {
	b = append(b, '[')
	for i, g := range groups {
		b = texts(comma(b, i), g)
	}
	return append(b, ']')
}

func (s *SessionChange) append(b []byte) []byte {
	b = strconv.AppendBool(append(b, `{"open":`...), s.Open)
	b = text(append(b, `,"id":`...), s.ID)
	b = text(append(b, `,"client":`...), s.Client)
	if s.Open {
		b = strconv.AppendInt(append(b, `,"ms":`...), int64(s.Ms), 10)
	}
	return append(b, '}')
}

func (r *Reload) append(b []byte) []byte {
	b = text(append(b, `{"base":`...), r.Base)
	b = append(b, `,"log":[`...)
	for i := range r.Records {
		b = r.Records[i].append(comma(b, i))
	}
	return append(b, `]}`...)
}

func (r *Record) append(b []byte) []byte {
	b = text(append(b, `{"z":`...), r.Z)
	return append(text(append(b, `,"op":`...), r.Op), '}')
}

func (p *Patch) appendTree(b []byte) []byte {
	b = append(b, '[')
	n := 0
	if p.Wipe {
		b = append(b, `["wipe"]`...)
		n++
	}
	for i := range p.Tree {
		c := &p.Tree[i]
		b = comma(b, n)
		n++
		if c.Deleted {
			b = append(text(append(b, `["del",`...), c.Path), ']')
			continue
		}
		b = text(append(b, `["put",`...), c.Path)
		b = text(append(b, `,{"d":`...), c.Data)
		if c.Owner != "" {
			b = text(append(b, `,"own":`...), c.Owner)
		}
		b = strconv.AppendInt(append(b, `,"v":`...), int64(c.Version), 10)
		b = text(append(b, `,"cz":`...), c.Cz)
		b = text(append(b, `,"mz":`...), c.Mz)
		b = append(b, "}]"...)
	}
	return append(b, ']')
}
