package audit

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// order is, by session, the number of the last write that took effect.
type order struct{ executed map[int64]int32 }

// TookEffect reports to the audit that a transaction has taken effect. It is called once for each
// transaction, when the first server has applied it.
//
// TookEffect checks FIFOClientOrder: a session's requests take effect once, and in the order of
// their numbers.
func (a *Audit) TookEffect(z zab.Zxid, txn *tree.Txn) {
	a.tickets(txn.Session, txn.Body)
	if txn.Cxid == 0 || txn.Type == tree.OpError {
		return
	}
	if a.order.executed == nil {
		a.order.executed = make(map[int64]int32)
	}
	if last := a.order.executed[txn.Session]; txn.Cxid <= last {
		a.broken(FIFOClientOrder,
			"request %d of session %x takes effect at zxid %v, although request %d of that "+
				"session took effect earlier: each request takes effect once, in the order of "+
				"the numbers",
			txn.Cxid, txn.Session, z, last)
	}
	a.order.executed[txn.Session] = txn.Cxid
}
