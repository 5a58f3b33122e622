package jute

import (
	"fmt"

	"github.com/zablab/zablab/tree"
)

// DecodeTxn decodes a transaction as ZooKeeper's servers log it. It ignores the bytes after the
// transaction, where ZooKeeper 3.6 and later write a digest. The body of the returned transaction
// is nil if package tree has no body for this type of transaction.
func DecodeTxn(b []byte) (*tree.Txn, error) {
	d := decoder{rest: b}
	t := &tree.Txn{TxnHeader: tree.TxnHeader{
		Session: d.long(), Cxid: d.int(), Zxid: d.long(), TimeMs: d.long(),
		Type: tree.OpCode(d.int()),
	}}
	t.Body = d.body(t.Type)
	if d.err != nil {
		return nil, fmt.Errorf("decode transaction of %d bytes: %w", len(b), d.err)
	}
	return t, nil
}

func (d *decoder) body(op tree.OpCode) tree.Body {
	switch op {
	case tree.OpCreate, tree.OpCreate2:
		return &tree.CreateTxn{Path: d.text(), Data: d.bytes(), ACL: d.acl(), Ephemeral: d.bool(),
			ParentCVersion: d.int()}
	case tree.OpCreateContainer:
		return &tree.CreateTxn{Path: d.text(), Data: d.bytes(), ACL: d.acl(),
			ParentCVersion: d.int()}
	case tree.OpCreateTTL:
		return &tree.CreateTxn{Path: d.text(), Data: d.bytes(), ACL: d.acl(), ParentCVersion: d.int(),
			TTL: d.long()}
	case tree.OpDelete, tree.OpDeleteContainer:
		return &tree.DeleteTxn{Path: d.text()}
	case tree.OpSetData:
		return &tree.SetDataTxn{Path: d.text(), Data: d.bytes(), Version: d.int()}
	case tree.OpSetACL:
		return &tree.SetACLTxn{Path: d.text(), ACL: d.acl(), Version: d.int()}
	case tree.OpCheck:
		return &tree.CheckVersionTxn{Path: d.text(), Version: d.int()}
	case tree.OpCreateSession:
		return &tree.CreateSessionTxn{TimeoutMs: d.int()}
	case tree.OpCloseSession:
		return &tree.CloseSessionTxn{Paths: d.texts()}
	case tree.OpError:
		return &tree.ErrorTxn{Code: tree.Code(d.int())}
	case tree.OpMulti:
		m := &tree.MultiTxn{Txns: make([]tree.SubTxn, d.count(8))}
		for i := range m.Txns {
			m.Txns[i].Type = tree.OpCode(d.int())
			part := decoder{rest: d.bytes()}
			m.Txns[i].Body = part.body(m.Txns[i].Type)
			if part.err != nil {
				d.fail(part.err.Error())
			}
		}
		return m
	}
	return nil
}
