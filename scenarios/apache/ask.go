package apache

import (
	"errors"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// answer is the client library's answer to an operation, in the lab's types.
type answer struct {
	outcome client.Outcome
	code    tree.Code
	result  tree.OpResult
}

// codes lists the library's errors that a server's answer causes. A lost connection is not among
// them.
var codes = []struct {
	err  error
	code tree.Code
}{
	{zk.ErrNoNode, tree.NoNode}, {zk.ErrNoAuth, tree.NoAuth}, {zk.ErrBadVersion, tree.BadVersion},
	{zk.ErrNoChildrenForEphemerals, tree.NoChildrenForEphemerals},
	{zk.ErrNodeExists, tree.NodeExists}, {zk.ErrNotEmpty, tree.NotEmpty},
	{zk.ErrSessionExpired, tree.SessionExpired}, {zk.ErrInvalidACL, tree.InvalidACL},
	{zk.ErrAuthFailed, tree.AuthFailed}, {zk.ErrSessionMoved, tree.SessionMoved},
	{zk.ErrBadArguments, tree.BadArguments}, {zk.ErrReconfigDisabled, tree.ReconfigDisabled},
	{zk.ErrAPIError, tree.APIError},
}

func codeOf(err error) (tree.Code, bool) {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code, true
		}
	}
	return tree.ConnectionLoss, false
}

// carryOut performs one operation with the matching method of the library.
func carryOut(c *zk.Conn, op *tree.Op) (a answer) {
	r := &a.result
	r.Type = op.Type
	var err error
	var stat *zk.Stat
	switch op.Type {
	case tree.OpCreate:
		r.Path, err = c.Create(op.Path, op.Data, int32(op.Flags), aclOf(op.ACL))
	case tree.OpDelete:
		err = c.Delete(op.Path, op.Version)
	case tree.OpSetData:
		stat, err = c.Set(op.Path, op.Data, op.Version)
	case tree.OpSetACL:
		stat, err = c.SetACL(op.Path, aclOf(op.ACL), op.Version)
	case tree.OpExists:
		var there bool
		if op.Watch {
			there, stat, _, err = c.ExistsW(op.Path)
		} else {
			there, stat, err = c.Exists(op.Path)
		}
		if err == nil && !there {
			err, stat = zk.ErrNoNode, nil
		}
	case tree.OpGetData:
		if op.Watch {
			r.Data, stat, _, err = c.GetW(op.Path)
		} else {
			r.Data, stat, err = c.Get(op.Path)
		}
	case tree.OpGetChildren, tree.OpGetChildren2:
		if op.Watch {
			r.Children, stat, _, err = c.ChildrenW(op.Path)
		} else {
			r.Children, stat, err = c.Children(op.Path)
		}
	case tree.OpSync:
		r.Path, err = c.Sync(op.Path)
	case tree.OpMulti:
		err = multi(c, op, r)
	case tree.OpCloseSession:
		c.Close()
	default:
		err = zk.ErrAPIError
	}
	if stat != nil {
		r.Stat = statOf(stat)
	}
	if err == nil {
		a.outcome = client.OK
		return a
	}
	code, definite := codeOf(err)
	a.code = code
	switch {
	case definite:
		a.outcome = client.Failed
	case errors.Is(err, zk.ErrNoServer):
		a.outcome = client.NotSent
	default:
		a.outcome = client.Unknown
	}
	return a
}

func multi(c *zk.Conn, op *tree.Op, r *tree.OpResult) error {
	var parts []any
	for i := range op.Ops {
		switch p := &op.Ops[i]; p.Type {
		case tree.OpCreate, tree.OpCreate2:
			parts = append(parts, &zk.CreateRequest{
				Path: p.Path, Data: p.Data, Acl: aclOf(p.ACL), Flags: int32(p.Flags),
			})
		case tree.OpDelete:
			parts = append(parts, &zk.DeleteRequest{Path: p.Path, Version: p.Version})
		case tree.OpSetData:
			parts = append(parts, &zk.SetDataRequest{
				Path: p.Path, Data: p.Data, Version: p.Version,
			})
		case tree.OpCheck:
			parts = append(parts, &zk.CheckVersionRequest{Path: p.Path, Version: p.Version})
		}
	}
	list, err := c.Multi(parts...)
	for i := range list {
		part := tree.OpResult{Type: op.Ops[i].Type, Path: list[i].String}
		if list[i].Stat != nil {
			part.Stat = statOf(list[i].Stat)
		}
		if failed := list[i].Error; failed != nil {
			code, known := codeOf(failed)
			if !known {
				code = tree.RuntimeInconsistency // the server did not try this part
			} else if err == nil {
				err = failed
			}
			part = tree.OpResult{Type: tree.OpError, Code: code}
		}
		r.Results = append(r.Results, part)
	}
	return err
}

func aclOf(list []tree.ACL) (acl []zk.ACL) {
	for _, a := range list {
		acl = append(acl, zk.ACL{Perms: a.Perms, Scheme: a.Scheme, ID: a.ID})
	}
	return acl
}

func statOf(s *zk.Stat) tree.Stat {
	return tree.Stat{
		Czxid: s.Czxid, Mzxid: s.Mzxid, Ctime: s.Ctime, Mtime: s.Mtime, Version: s.Version,
		Cversion: s.Cversion, Aversion: s.Aversion, EphemeralOwner: s.EphemeralOwner,
		DataLength: s.DataLength, NumChildren: s.NumChildren, Pzxid: s.Pzxid,
	}
}
