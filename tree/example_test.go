package tree_test

import (
	"fmt"

	"github.com/zablab/zablab/tree"
)

// A leader's transactions, applied to two replicas: a node is created and set, and an ephemeral
// node is deleted when its session is closed.
func Example() {
	header := func(zxid int64, op tree.OpCode) tree.TxnHeader {
		return tree.TxnHeader{Session: 7, Zxid: 1<<32 | zxid, Type: op}
	}
	txns := []*tree.Txn{
		{TxnHeader: header(1, tree.OpCreateSession), Body: &tree.CreateSessionTxn{TimeoutMs: 4000}},
		{TxnHeader: header(2, tree.OpCreate), Body: &tree.CreateTxn{
			Path: "/config", Data: []byte("a"), ACL: tree.OpenACL, ParentCVersion: 1,
		}},
		{TxnHeader: header(3, tree.OpCreate), Body: &tree.CreateTxn{
			Path: "/leader", ACL: tree.OpenACL, Ephemeral: true, ParentCVersion: 2,
		}},
		{TxnHeader: header(4, tree.OpSetData), Body: &tree.SetDataTxn{
			Path: "/config", Data: []byte("b"), Version: 1,
		}},
		{TxnHeader: header(5, tree.OpCloseSession), Body: &tree.CloseSessionTxn{
			Paths: []string{"/leader"},
		}},
	}
	one, other := tree.New(), tree.New()
	watches := tree.NewWatches()
	one.Watch(watches)
	watches.WatchData(1, "/leader") // an exists with a watch
	for _, txn := range txns {
		result := one.Apply(txn)
		fmt.Println(txn, "-", result.Code.Error())
		for _, event := range watches.Take(nil) {
			fmt.Println("  event", event.WatchEvent)
			watches.WatchData(1, "/leader")
		}
	}
	config := one.Node("/config")
	fmt.Printf("/config = %s, version %d\n", config.Data(), config.Version())

	for _, txn := range txns {
		other.Apply(txn)
	}
	fmt.Println("same digest:", one.Digest() == other.Digest())
	// Output:
	// createSession timeout 4000ms at 1/1 - ok
	// create /config at 1/2 - ok
	// create /leader (ephemeral) at 1/3 - ok
	//   event NodeCreated /leader at 1/3
	// setData /config version 1 at 1/4 - ok
	// closeSession with 1 ephemerals at 1/5 - ok
	//   event NodeDeleted /leader at 1/5
	// /config = b, version 1
	// same digest: true
}
