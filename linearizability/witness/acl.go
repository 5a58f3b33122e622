package witness

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim/sha"
)

// super is the identity that may do everything.
const super = "super:"

// allows reports whether a node's list gives a caller any of the permissions. A list of nil gives
// all to everybody; so does an unknown caller, who is not judged.
func allows(acl []lin.Grant, perms string, who []string) bool {
	if acl == nil || who == nil || slices.Contains(who, super) {
		return true
	}
	for _, g := range acl {
		if strings.ContainsAny(g.Perms, perms) && (g.Scheme == "world" || slices.ContainsFunc(who,
			func(id string) bool { return is(g, id) })) {
			return true
		}
	}
	return false
}

// is reports whether a caller's identity, scheme:name, is the one that a grant is for.
func is(g lin.Grant, identity string) bool {
	scheme, name, _ := strings.Cut(identity, ":")
	switch {
	case scheme != g.Scheme:
		return false
	case scheme == "ip":
		return within(name, g.ID)
	}
	return digest(name) == g.ID
}

// digest turns a user and password, bob:secret, into the name that lists have: the user, and the
// SHA-1 of both in base 64.
func digest(secret string) string {
	user, _, _ := strings.Cut(secret, ":")
	sum := sha.Sum1([]byte(secret))
	return user + ":" + base64.StdEncoding.EncodeToString(sum[:])
}

// within reports whether an IPv4 address is in a net: 10.1.0.0/16, or a single address.
func within(address, net string) bool {
	base, width, wide := strings.Cut(net, "/")
	bits := 32
	if wide {
		bits, _ = strconv.Atoi(width)
	}
	a, b := number(address), number(base)
	return a>>(32-bits) == b>>(32-bits)
}

// number returns an IPv4 address as a number.
func number(address string) (n uint64) {
	for part := range strings.SplitSeq(address, ".") {
		octet, _ := strconv.Atoi(part)
		n = n<<8 | uint64(octet)
	}
	return n
}

// settle returns the list that a create or setACL stores: without doubles, and with the caller's
// digests for the scheme auth. ok is false if the service must refuse the list.
func settle(acl []lin.Grant, who []string) (stored []lin.Grant, ok bool) {
	if acl == nil || who == nil {
		return nil, true
	}
	for i, g := range acl {
		switch {
		case slices.Contains(acl[:i], g):
			continue
		case proper(g):
			stored = append(stored, g)
			continue
		case g.Scheme != "auth":
			return nil, false
		}
		known := false
		for _, id := range who {
			if secret, is := strings.CutPrefix(id, "digest:"); is {
				stored = append(stored, lin.Grant{Perms: g.Perms, Scheme: "digest",
					ID: digest(secret)})
				known = true
			}
		}
		if !known {
			return nil, false
		}
	}
	return stored, len(stored) > 0
}

// proper reports whether a list may name an identity: everybody, a user and the hash of a password,
// or an address or a net.
func proper(g lin.Grant) bool {
	switch g.Scheme {
	case "world":
		return g.ID == "anyone"
	case "digest": // two parts; empty ones at the end do not count
		return strings.Count(strings.TrimRight(g.ID, ":"), ":") == 1
	case "ip":
		address, width, wide := strings.Cut(g.ID, "/")
		bits := uint64(32)
		if strings.Contains(address, ":") {
			bits = 128
		}
		n, err := strconv.ParseUint(width, 10, 8)
		return isAddress(address) && (!wide || err == nil && n <= bits)
	}
	return false
}

// isAddress reports whether a text is an IP address: four numbers, or up to eight groups of hex
// digits, of which one gap stands for several that are 0.
func isAddress(text string) bool {
	sep, base, least, most := ".", 10, 4, 4
	if strings.Contains(text, ":") {
		sep, base, least, most = ":", 16, 8, 8
		if before, after, gap := strings.Cut(text, "::"); gap {
			text = strings.Trim(before+":"+after, ":")
			least, most = 0, 7
		}
		if text == "" {
			return true
		}
	}
	parts := strings.Split(text, sep)
	for _, part := range parts {
		n, err := strconv.ParseUint(part, base, 16)
		if err != nil || base == 10 && n > 255 || len(part) > 4 && base == 16 {
			return false
		}
	}
	return len(parts) >= least && len(parts) <= most
}

// shown returns the list that a getACL shows: without the hashes, unless the caller may change it.
func shown(acl []lin.Grant, who []string) []lin.Grant {
	if acl == nil {
		return []lin.Grant{{Perms: "rwcda", Scheme: "world", ID: "anyone"}}
	}
	if allows(acl, "a", who) {
		return acl
	}
	list := slices.Clone(acl)
	for i := range list {
		if user, _, ok := strings.Cut(list[i].ID, ":"); ok && list[i].Scheme == "digest" {
			list[i].ID = user + ":x"
		}
	}
	return list
}

// needs is the permission that a kind of operation needs of its node; "" for none. A create or
// delete needs one of the node's parent.
func needs(k lin.Kind) string {
	switch k {
	case lin.Get, lin.Children, lin.CheckVersion, lin.Descendants:
		return "r"
	case lin.GetACL:
		return "ra"
	case lin.Set:
		return "w"
	case lin.SetACL:
		return "a"
	}
	return ""
}
