package witness

import (
	"testing"

	lin "github.com/zablab/zablab/linearizability"
)

const (
	alice = "digest:alice:secret"
	bob   = "digest:bob:word"
	// aliceHash is alice and the SHA-1 of "alice:secret" in base 64.
	aliceHash = "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E="
)

func by(who ...string) func(*op) {
	return func(o *op) { o.Who = append([]string{"ip:10.0.0.7"}, who...) }
}

func acl(list ...lin.Grant) func(*op)     { return func(o *op) { o.ACL = list } }
func granted(list ...lin.Grant) func(*op) { return func(o *op) { o.Result.ACL = list } }
func at(version int32) func(*op)          { return func(o *op) { o.Version = version } }

func more(m lin.More) func(*op) {
	return func(o *op) { o.Result.Stat = &lin.Stat{More: &m} }
}

var (
	own   = lin.Grant{Perms: "rwcda", Scheme: "digest", ID: aliceHash}
	mine  = lin.Grant{Perms: "rwcda", Scheme: "auth"}
	open  = lin.Grant{Perms: "r", Scheme: "world", ID: "anyone"}
	local = lin.Grant{Perms: "w", Scheme: "ip", ID: "10.0.0.0/24"}
)

// owned: alice creates /x for herself alone.
func owned(then ...op) lin.Record {
	return ops(append([]op{did("A", 0, 1, lin.Create, "/x", by(alice), acl(own))}, then...)...)
}

var aclNeighbours = []neighbour{
	{"permission", checkResults, Options{},
		owned(did("B", 10, 2, lin.Set, "/x", by(bob), failed(lin.NotAuthorised))),
		owned(did("B", 10, 2, lin.Set, "/x", by(bob)))},
	{"invalid-acl", checkResults, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(mine), failed(lin.InvalidACL))),
		ops(did("A", 0, 1, lin.Create, "/x", by(alice), acl(mine), failed(lin.InvalidACL)))},
	{"world-acl", checkResults, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(lin.Grant{Perms: "r", Scheme: "world",
			ID: "nobody"}), failed(lin.InvalidACL))),
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(open), failed(lin.InvalidACL)))},
	{"digest-acl", checkResults, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(own))),
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(lin.Grant{Perms: "r", Scheme: "digest",
			ID: "alice:"})))},
	{"ip-acl", checkResults, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(local))),
		ops(did("A", 0, 1, lin.Create, "/x", by(), acl(lin.Grant{Perms: "r", Scheme: "ip",
			ID: "10.0.0.0/33"})))},
	{"may-not-read", checkReads, Options{},
		owned(did("A", 10, 1, lin.Get, "/x", by(alice))),
		owned(did("A", 10, 1, lin.Get, "/x", by(alice), failed(lin.NotAuthorised)))},
	{"acl-read", checkReads, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(alice)),
			did("A", 10, 2, lin.SetACL, "/x", by(alice), acl(mine, mine)),
			did("A", 20, 2, lin.GetACL, "/x", by(alice), granted(own))),
		ops(did("A", 0, 1, lin.Create, "/x", by(alice)),
			did("A", 10, 2, lin.SetACL, "/x", by(alice), acl(mine, mine)),
			did("A", 20, 2, lin.GetACL, "/x", by(alice), granted(mine)))},
	{"acl-hidden", checkReads, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", by(alice), acl(own, open)),
			did("B", 10, 1, lin.GetACL, "/x", by(bob),
				granted(lin.Grant{Perms: "rwcda", Scheme: "digest", ID: "alice:x"}, open))),
		ops(did("A", 0, 1, lin.Create, "/x", by(alice), acl(own, open)),
			did("B", 10, 1, lin.GetACL, "/x", by(bob), granted(own, open)))},
	{"descendants", checkReads, Options{},
		family(did("A", 20, 3, lin.Descendants, "/x", counting(2))),
		family(did("A", 20, 3, lin.Descendants, "/x", counting(3)))},
	{"ephemerals-listed", checkEphemerals, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", ephemeral),
			did("A", 20, 1, lin.Ephemerals, "/", children("/x"))),
		ops(did("A", 0, 1, lin.Create, "/x", ephemeral),
			did("A", 20, 1, lin.Ephemerals, "/y", children("/x")))},
	{"aversion", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.SetACL, "/x", at(0), more(lin.More{Aversion: 1, Pzxid: 1}))),
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.SetACL, "/x", at(0), more(lin.More{Aversion: 2, Pzxid: 1})))},
	{"cversion", checkStats, Options{},
		family(did("A", 20, 3, lin.Get, "/x", more(lin.More{Cversion: 1, Children: 1, Pzxid: 2}))),
		family(did("A", 20, 3, lin.Get, "/x", more(lin.More{Cversion: 2, Children: 1, Pzxid: 2})))},
	{"pzxid", checkStats, Options{},
		family(did("A", 20, 3, lin.Get, "/x", more(lin.More{Cversion: 1, Children: 1, Pzxid: 2}))),
		family(did("A", 20, 3, lin.Get, "/x", more(lin.More{Cversion: 1, Children: 1, Pzxid: 3})))},
	{"length", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", data("four")),
			did("A", 10, 1, lin.Exists, "/x", more(lin.More{Length: 4, Pzxid: 1}))),
		ops(did("A", 0, 1, lin.Create, "/x", data("four")),
			did("A", 10, 1, lin.Exists, "/x", more(lin.More{Length: 5, Pzxid: 1})))},
	{"children-count", checkStats, Options{},
		family(did("A", 20, 3, lin.Exists, "/", more(lin.More{Cversion: 0, Children: 2, Pzxid: 1}))),
		family(did("A", 20, 3, lin.Exists, "/", more(lin.More{Cversion: 0, Children: 1, Pzxid: 1})))},
}

func counting(n int64) func(*op) { return func(o *op) { o.Result.Number = n } }

func children(names ...string) func(*op) {
	return func(o *op) { o.Result.Children = names }
}

// family: /x has the child a, which has the child b.
func family(then ...op) lin.Record {
	return ops(append([]op{did("A", 0, 1, lin.Create, "/x"), did("A", 5, 2, lin.Create, "/x/a"),
		did("A", 10, 3, lin.Create, "/x/a/b")}, then...)...)
}

func TestAllows(t *testing.T) {
	for _, c := range []struct {
		grant lin.Grant
		perms string
		who   string
		want  bool
	}{
		{open, "r", bob, true}, {open, "w", bob, false},
		{own, "r", alice, true}, {own, "r", bob, false},
		{local, "w", "ip:10.0.0.9", true}, {local, "w", "ip:10.0.1.9", false},
		{local, "rw", "ip:10.0.0.9", true},
		{lin.Grant{Perms: "w", Scheme: "ip", ID: "10.0.0.7"}, "w", "ip:10.0.0.7", true},
		{lin.Grant{Perms: "w", Scheme: "ip", ID: "10.0.0.7"}, "w", "ip:10.0.0.8", false},
	} {
		if got := allows([]lin.Grant{c.grant}, c.perms, []string{c.who}); got != c.want {
			t.Errorf("%v gives %s the permissions %s: %v", c.grant, c.who, c.perms, got)
		}
	}
}
