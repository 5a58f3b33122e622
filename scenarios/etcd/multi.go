package etcd

import (
	"slices"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// possibleMulti returns the code for a multi that etcd has no counterpart of: a transaction changes
// no key twice.
func possibleMulti(op *tree.Op) tree.Code {
	changed := make(map[string]bool)
	for i := range op.Ops {
		part := &op.Ops[i]
		switch part.Type {
		case tree.OpCheck:
		case tree.OpCreate, tree.OpCreate2, tree.OpDelete, tree.OpSetData:
			if changed[part.Path] && !part.Flags.IsSequential() {
				return tree.Unimplemented
			}
			changed[part.Path] = true
		default:
			return tree.Unimplemented
		}
		if code := possible(part); code != tree.OK {
			return code
		}
	}
	return tree.OK
}

// multi reads what its parts depend on, decides them in their order, and makes their changes in one
// transaction, on the condition that what it has read is still true. A multi that fails needs no
// transaction: the read has decided it.
func (l *life) multi(op *tree.Op) (answer, error) {
	m := planning{life: l, made: make(map[string]int), changed: make(map[string]bool)}
	for i := range op.Ops {
		m.ask(&op.Ops[i])
	}
	if len(op.Ops) == 0 {
		return answer{outcome: client.OK}, nil
	}
	var err error
	if m.was, err = l.decide(txnRequest{Success: m.reads}); err != nil {
		return answer{}, unsent{err} // the multi itself has not left
	}
	var results []tree.OpResult
	for i := range op.Ops {
		r, code := m.part(&op.Ops[i], i)
		if code != tree.OK {
			a := failed(code, m.was.Header.Revision)
			a.result.Results = broken(op, i, code)
			return a, nil
		}
		results = append(results, r)
	}
	r, err := l.decide(txnRequest{Compare: m.conditions, Success: l.write(m.writes...)})
	switch {
	case err != nil:
		return answer{}, err
	case !r.Succeeded && r.Header.Revision == m.was.Header.Revision:
		return failed(tree.NodeExists, r.Header.Revision), nil // a number that was chosen by hand
	case !r.Succeeded:
		return again, nil
	}
	a := answer{outcome: client.OK, revision: r.Header.Revision}
	for i := range results {
		if results[i].Stat.Mzxid == pending {
			results[i].Stat.Mzxid = r.Header.Revision
		}
		if results[i].Stat.Czxid == pending {
			results[i].Stat.Czxid = r.Header.Revision
		}
	}
	a.result.Results = results
	return a, nil
}

// pending stands for the revision of the transaction that is being planned.
const pending = -1

// broken are the results of a multi whose nth part fails: the parts before it are undone, those
// after it are not tried.
func broken(op *tree.Op, n int, code tree.Code) []tree.OpResult {
	list := make([]tree.OpResult, len(op.Ops))
	for i := range list {
		list[i] = tree.OpResult{Type: tree.OpError, Code: tree.RuntimeInconsistency}
		switch {
		case i < n:
			list[i].Code = tree.OK
		case i == n:
			list[i].Code = code
		}
	}
	return list
}

// planning decides the parts of a multi.
type planning struct {
	*life
	was        txnResponse
	reads      []requestOp
	first      []int // by part: the index of its reads, which are three
	conditions []compare
	writes     []requestOp
	made       map[string]int  // by parent: creates of earlier parts
	changed    map[string]bool // by path: true if an earlier part created it, false if it deleted it
}

// ask adds the reads of a part: its node, its parent with the counts, or its children.
func (m *planning) ask(op *tree.Op) {
	m.first = append(m.first, len(m.reads))
	parent := parentOf(op.Path + "0")
	if op.Type == tree.OpCreate || op.Type == tree.OpCreate2 {
		m.reads = append(m.reads, look(op.Path), look(parent), lookCounts(parent))
		return
	}
	m.reads = append(m.reads, look(op.Path), look(parent), lookBelow(op.Path, 0))
}

// present reports whether a node exists for a part, after the parts before it.
func (m *planning) present(path string, kv *keyValue) bool {
	if made, told := m.changed[path]; told {
		return made
	}
	return kv != nil || path == "/"
}

func (m *planning) part(op *tree.Op, n int) (r tree.OpResult, code tree.Code) {
	r.Type = op.Type
	kv, parent := m.was.node(m.first[n]), m.was.node(m.first[n]+1)
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2:
		r.Path, code = m.create(op, parent, m.was.nodes(m.first[n]+2))
		r.Stat.Czxid, r.Stat.Mzxid = pending, pending
		return r, code
	case tree.OpDelete:
		return r, m.delete(op, kv, m.was.nodes(m.first[n]+2))
	}
	if code = m.written(op, kv); code != tree.OK {
		return r, code
	}
	if op.Type == tree.OpSetData {
		m.writes = append(m.writes, rewrite(op))
		r.Stat = statOf(kv)
		r.Stat.Version++
		r.Stat.Mzxid, r.Stat.DataLength = pending, int32(len(op.Data))
	}
	return r, tree.OK
}

// written checks the version of a node that a part needs, and requires that it stays.
func (m *planning) written(op *tree.Op, kv *keyValue) tree.Code {
	if _, told := m.changed[op.Path]; told {
		if !m.changed[op.Path] {
			return tree.NoNode
		}
		return tree.Unimplemented // a check of what this transaction itself creates
	}
	if code := mayWrite(kv, op.Version); code != tree.OK {
		return code
	}
	m.conditions = append(m.conditions, unchanged(kv))
	return tree.OK
}

// unchanged holds while a node is as it was read.
func unchanged(kv *keyValue) compare {
	return compare{Key: kv.Key, Target: "MOD", Result: "EQUAL", Mod: &kv.Mod}
}

func (m *planning) create(op *tree.Op, parent *keyValue, counted []keyValue) (string, tree.Code) {
	above, path := parentOf(op.Path+"0"), op.Path
	if !m.present(above, parent) {
		return "", tree.NoNode
	}
	if op.Flags.IsSequential() {
		path = numbered(path, creates(counted)+int64(m.made[above]))
	}
	if made, told := m.changed[path]; told && made || !told && m.has(path) {
		return "", tree.NodeExists
	}
	if parent != nil && parent.Lease != 0 {
		return "", tree.NoChildrenForEphemerals
	}
	if parent != nil {
		m.conditions = append(m.conditions, has(above, parent.Create)...)
	}
	m.conditions = append(m.conditions, missing(path), uncounted(above, m.was.Header.Revision))
	m.writes = append(m.writes, m.put(path, op), count(above, m.made[above]))
	m.made[above]++
	m.changed[path] = true
	return path, tree.OK
}

// has reports whether the reads have found a node. A numbered name is new, unless somebody has
// chosen it by hand: then the transaction's condition fails.
func (m *planning) has(path string) bool {
	return slices.ContainsFunc(m.was.Responses, func(r responseOp) bool {
		return r.Range != nil && slices.ContainsFunc(r.Range.KVs, func(kv keyValue) bool {
			return string(kv.Key) == path
		})
	})
}

func (m *planning) delete(op *tree.Op, kv *keyValue, under []keyValue) tree.Code {
	if _, told := m.changed[op.Path]; !told {
		if code := mayWrite(kv, op.Version); code != tree.OK {
			return code
		}
	}
	for i := range under {
		if made, told := m.changed[string(under[i].Key)]; !told || made {
			return tree.NotEmpty
		}
	}
	for path, made := range m.changed { // order: any one is enough
		if _, ok := child(op.Path, path); ok && made {
			return tree.NotEmpty
		}
	}
	m.conditions = append(m.conditions, unchanged(kv), uncounted(op.Path, m.was.Header.Revision))
	m.writes = append(m.writes, remove(op.Path)...)
	m.changed[op.Path] = false
	return tree.OK
}
