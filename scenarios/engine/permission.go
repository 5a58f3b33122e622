package engine

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// permissions are the letters of permissions, in the order of their bits.
var permissions = []struct {
	bit    int32
	letter byte
}{
	{tree.PermRead, 'r'}, {tree.PermWrite, 'w'}, {tree.PermCreate, 'c'}, {tree.PermDelete, 'd'},
	{tree.PermAdmin, 'a'},
}

// grants translates the ACL of a request: nil for the one that lets everybody do everything.
func grants(acl []tree.ACL) []lin.Grant {
	if slices.Equal(acl, tree.OpenACL) {
		return nil
	}
	return lists(acl)
}

// lists translates an ACL.
func lists(acl []tree.ACL) []lin.Grant {
	list := make([]lin.Grant, len(acl))
	for i, a := range acl {
		var perms []byte
		for _, p := range permissions {
			if a.Perms&p.bit != 0 {
				perms = append(perms, p.letter)
			}
		}
		list[i] = lin.Grant{Perms: string(perms), Scheme: a.Scheme, ID: a.ID}
	}
	return list
}

// identities knows who the clients are, as far as they have said so, call by call.
type identities struct {
	a       *Account
	clients map[string]*identity
}

// identity is what one client's process has said of itself.
type identity struct {
	who    []string
	deaths []StateChange // of its process, which later calls will have left behind
}

func (a *Account) identities() *identities {
	k := &identities{a: a, clients: make(map[string]*identity)}
	if a.Address == nil {
		return k
	}
	for i := range a.Heard {
		c := &a.Heard[i]
		if a.Address(c.Client) == "" {
			continue
		}
		k.clients[c.Client] = &identity{who: k.unnamed(c.Client), deaths: c.Deaths}
	}
	return k
}

// unnamed are the identities of a client that has made no addAuth.
func (k *identities) unnamed(client string) []string {
	return []string{"ip:" + k.a.Address(client)}
}

// learn notes an addAuth: the calls after it have one more identity, across reconnections, until
// the process ends.
func (k *identities) learn(o *Op) {
	c := k.clients[o.Client]
	if c == nil {
		return
	}
	for len(c.deaths) > 0 && c.deaths[0].Index <= o.CallIndex {
		c.who, c.deaths = k.unnamed(o.Client), c.deaths[1:]
	}
	if o.Op.Type == tree.OpAuth && o.Op.Scheme == "digest" {
		name := "digest:" + string(o.Op.Data)
		if !slices.Contains(c.who, name) {
			c.who = append(slices.Clip(c.who), name) // earlier calls hold the list
			if k.a.SuperDigest != "" && tree.DigestID(string(o.Op.Data)) == k.a.SuperDigest {
				c.who = append(c.who, "super:")
			}
		}
	}
}

// sign gives an operation the identities of its client.
func (k *identities) sign(op *lin.Operation) {
	c := k.clients[string(op.Client)]
	if c == nil {
		return
	}
	op.Who = c.who
	for i := range op.Ops {
		op.Ops[i].Who = c.who
	}
}

// part translates one part of a multiRead. All parts have the same zxid: that of the reply.
func part(o *Op, k int) (op lin.Operation, ok bool) {
	one := *o
	one.Op = o.Op.Ops[k]
	switch {
	case k < len(o.Result.Results):
		one.Result = o.Result.Results[k]
		if one.Code = one.Result.Code; one.Code != tree.OK {
			one.Outcome = client.Failed
		}
	case o.Outcome == client.OK:
		return op, false // the reply lacks this part
	}
	return operation(&one)
}
