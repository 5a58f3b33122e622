package client

import (
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Create creates a node with an open ACL, and returns its path.
func (p *Proc) Create(path string, data []byte, mode tree.CreateMode) (string, error) {
	call := p.Do(tree.Op{
		Type: tree.OpCreate, Path: path, Data: data, ACL: tree.OpenACL, Flags: mode,
	})
	return call.Result.Path, call.Err()
}

// Delete deletes a node if it has the given version; [tree.AnyVersion] matches any version.
func (p *Proc) Delete(path string, version int32) error {
	return p.Do(tree.Op{Type: tree.OpDelete, Path: path, Version: version}).Err()
}

// Set replaces the data of a node if it has the given version; [tree.AnyVersion] matches any
// version.
func (p *Proc) Set(path string, data []byte, version int32) (tree.Stat, error) {
	call := p.Do(tree.Op{Type: tree.OpSetData, Path: path, Data: data, Version: version})
	return call.Result.Stat, call.Err()
}

// Get reads a node's data.
func (p *Proc) Get(path string) ([]byte, tree.Stat, error) {
	call := p.Do(tree.Op{Type: tree.OpGetData, Path: path})
	return call.Result.Data, call.Result.Stat, call.Err()
}

// Exists reports whether a node exists. A missing node is no error.
func (p *Proc) Exists(path string) (bool, tree.Stat, error) {
	return existsResult(p.Do(tree.Op{Type: tree.OpExists, Path: path}))
}

func existsResult(call *Call) (bool, tree.Stat, error) {
	err := call.Err()
	if errors.Is(err, tree.NoNode) {
		return false, tree.Stat{}, nil
	}
	return err == nil, call.Result.Stat, err
}

// Children lists the names of a node's children, sorted.
func (p *Proc) Children(path string) ([]string, tree.Stat, error) {
	call := p.Do(tree.Op{Type: tree.OpGetChildren2, Path: path})
	return call.Result.Children, call.Result.Stat, call.Err()
}

// Multi does all of the operations or none of them. If it does none, the results say which
// operation failed.
func (p *Proc) Multi(ops ...tree.Op) ([]tree.OpResult, error) {
	call := p.Do(tree.Op{Type: tree.OpMulti, Ops: ops})
	return call.Result.Results, call.Err()
}

// Sync brings the client's server up to date: it returns when this server has applied every
// transaction that the leader had proposed when the sync reached the leader.
func (p *Proc) Sync(path string) error {
	return p.Do(tree.Op{Type: tree.OpSync, Path: path}).Err()
}

// Close ends the session, which deletes its ephemeral nodes.
func (p *Proc) Close() error { return p.Do(tree.Op{Type: tree.OpCloseSession}).Err() }

// Reopen ends the session, and the client opens a new session. If the connection is lost before the
// server has closed the old session, that session may exist until it expires.
func (p *Proc) Reopen() error {
	p.live()
	p.c.reopens = true
	return p.Close()
}

func (p *Proc) doW(op tree.Op) (*Call, *Watch) {
	op.Watch = true
	w := &Watch{Path: op.Path, proc: p}
	return p.Await(p.startWatching(op, w)), w
}

// GetW reads a node and sets a watch on it. If GetW returns an error, no watch is set, and
// [Watch.Ended] of the returned watch is true.
func (p *Proc) GetW(path string) ([]byte, tree.Stat, *Watch, error) {
	call, w := p.doW(tree.Op{Type: tree.OpGetData, Path: path})
	return call.Result.Data, call.Result.Stat, w, call.Err()
}

// ExistsW reports whether a node exists, and watches it. The watch fires when an existing node is
// changed or deleted, or when a missing node is created.
func (p *Proc) ExistsW(path string) (bool, tree.Stat, *Watch, error) {
	call, w := p.doW(tree.Op{Type: tree.OpExists, Path: path})
	found, stat, err := existsResult(call)
	return found, stat, w, err
}

// ChildrenW lists a node's children and watches the list.
func (p *Proc) ChildrenW(path string) ([]string, tree.Stat, *Watch, error) {
	call, w := p.doW(tree.Op{Type: tree.OpGetChildren2, Path: path})
	return call.Result.Children, call.Result.Stat, w, call.Err()
}

// Do starts an operation and waits until it ends.
func (p *Proc) Do(op tree.Op) *Call { return p.Await(p.Start(op)) }

// Start starts an operation and does not wait for it: see [Proc.Await].
func (p *Proc) Start(op tree.Op) *Call { return p.startWatching(op, nil) }

func (p *Proc) startWatching(op tree.Op, w *Watch) *Call {
	p.live()
	call := &Call{Request: tree.Request{Op: op}, watch: w}
	p.c.start(call)
	return call
}

// Await waits until the operation of a call ends, and returns the same call.
func (p *Proc) Await(call *Call) *Call {
	p.call = call
	p.wait(sim.Never, p.answered)
	return call
}
