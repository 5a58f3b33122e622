package linearizability

// partition splits a history into parts that can be judged one by one.
//
// Linearizability is local: a history over several objects is linearizable exactly if its share for
// each object is (Herlihy and Wing, 1990). Znodes are not objects in that sense, because operations
// depend on other paths than their own. Paths that an operation depends on together belong to one
// object, and union-find over the paths finds the objects:
//
//   - a multi is one operation on all its paths;
//   - closing a session deletes its ephemeral nodes at one moment, and forbids new ones;
//   - creating or deleting a node depends on its parent's existence, and deleting the parent on its
//     children's, if the parent is ever created or deleted;
//   - children reads one state of the parent and all its children;
//   - a sequential name comes from a counter of the parent, which every create below it advances.
//     If the outcome is unknown the name may be any, so all paths below the parent belong to it.
//
// Nothing else couples two paths: a parent that always exists, or never, and whose children are
// neither listed nor numbered, is a constant. So /lock and /config are judged apart, and /queue
// together with everything in it.
type partition struct {
	index  map[Path]int
	up     []int // union-find over paths
	facts  map[Path]fact
	owned  map[Session][]Path // ephemeral paths of the sessions that are closed
	closed map[Session]bool
	// offices: the parts are locks or elections, and the end of a session couples none of them
	offices bool
}

// fact says what the history does with a path, as far as the path's children depend on it.
type fact struct {
	moves    bool // it is created or deleted
	numbered bool // a sequential name is asked for below it
	listed   bool // its children are read
}

// byPath puts the operations of each path in a part of its own: a register knows nothing of parents
// and children.
func byPath(h History, taken []int) (parts [][]int) {
	part := make(map[Path]int)
	for _, i := range taken {
		n, ok := part[h[i].Path]
		if !ok {
			n = len(parts)
			part[h[i].Path] = n
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], i)
	}
	return parts
}

// split returns the indices of each part, in the order of their first operations. An operation that
// touches no path is in no part. For locks and elections the end of a session is in the part of
// each office that the session had: it couples none of them, because each office has a state of its
// own.
func split(h History, taken []int, offices bool, initial []Node) (
	parts [][]int, counted map[Path]bool) {
	p := &partition{offices: offices,
		index: make(map[Path]int), facts: make(map[Path]fact),
		owned: make(map[Session][]Path), closed: make(map[Session]bool),
	}
	counted = make(map[Path]bool)
	for _, i := range taken {
		if op := &h[i]; op.Kind == CloseSession {
			p.closed[op.Session] = true
		}
	}
	for i := range initial {
		if n := &initial[i]; p.closed[n.Owner] {
			p.owned[n.Owner] = append(p.owned[n.Owner], n.Path)
		}
	}
	for _, i := range taken {
		each(&h[i], func(op *Operation, session Session) {
			p.learn(op, session)
			if op.Kind == Create && op.Sequential {
				counted[op.Path.parent()] = true
			}
		})
	}
	at := make([]int, len(taken))
	for k, i := range taken {
		at[k] = p.couple(&h[i])
	}
	part := make(map[int]int)
	for k, i := range taken {
		for _, node := range p.touches(&h[i], at[k]) {
			root := p.root(node)
			n, ok := part[root]
			if !ok {
				n = len(parts)
				part[root] = n
				parts = append(parts, nil)
			}
			if list := parts[n]; len(list) == 0 || list[len(list)-1] != i {
				parts[n] = append(list, i)
			}
		}
	}
	return parts, counted
}

// touches returns the nodes in whose parts an operation is: those of an office's session if it ends
// one, or else the node at, unless that is -1.
func (p *partition) touches(op *Operation, at int) (nodes []int) {
	switch {
	case p.offices && op.Kind == CloseSession:
		for _, path := range p.owned[op.Session] {
			nodes = append(nodes, p.node(path))
		}
	case at >= 0:
		nodes = []int{at}
	}
	return nodes
}

// each calls visit for an operation, or for the parts of a multi.
func each(op *Operation, visit func(*Operation, Session)) {
	if op.Kind != Multi {
		visit(op, op.Session)
		return
	}
	for i := range op.Ops {
		visit(&op.Ops[i], op.Session)
	}
}

func (p *partition) learn(op *Operation, session Session) {
	f := p.facts[op.Path]
	switch op.Kind {
	case Create:
		if op.Ephemeral && p.closed[session] {
			p.owned[session] = append(p.owned[session], op.Path)
		}
		if op.Sequential {
			above := p.facts[op.Path.parent()]
			above.numbered = true
			p.facts[op.Path.parent()] = above
			return
		}
		f.moves = true
	case Acquire:
		if p.closed[session] {
			p.owned[session] = append(p.owned[session], op.Path)
		}
		return
	case Delete:
		f.moves = true
	case Children:
		f.listed = true
	default:
		return
	}
	p.facts[op.Path] = f
}

// couple joins all paths that an operation touches, and returns one of them, or -1.
func (p *partition) couple(op *Operation) int {
	first := -1
	join := func(path Path) {
		i := p.node(path)
		if first < 0 {
			first = i
		}
		p.union(first, i)
	}
	if op.Kind == CloseSession && p.offices {
		return -1
	}
	if op.Kind == CloseSession {
		for _, path := range p.owned[op.Session] {
			join(path)
		}
		for _, path := range op.Result.Deleted {
			join(path)
		}
	}
	each(op, func(op *Operation, _ Session) {
		if op.Path == "" {
			return
		}
		join(op.Path)
		above := op.Path.parent()
		f := p.facts[above]
		moves := f.moves || p.facts[above.parent()].numbered // it may be such a node itself
		if (op.Kind == Create || op.Kind == Delete) && (moves || f.listed) {
			join(above)
		}
	})
	return first
}

// node returns the number of a path. If the parent numbers its children, the path belongs to the
// parent from the start.
func (p *partition) node(path Path) int {
	i, ok := p.index[path]
	if !ok {
		i = len(p.up)
		p.index[path] = i
		p.up = append(p.up, i)
		if above := path.parent(); p.facts[above].numbered {
			p.union(p.node(above), i)
		}
	}
	return i
}

func (p *partition) root(i int) int {
	for p.up[i] != i {
		p.up[i] = p.up[p.up[i]]
		i = p.up[i]
	}
	return i
}

// union joins two sets under the path that was met first, so that the parts do not depend on
// chance.
func (p *partition) union(i, j int) {
	i, j = p.root(i), p.root(j)
	p.up[max(i, j)] = min(i, j)
}
