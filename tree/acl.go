package tree

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim/sha"
)

// The permissions of an ACL entry (ZooDefs.Perms).
const (
	PermRead   int32 = 1 << 0
	PermWrite  int32 = 1 << 1
	PermCreate int32 = 1 << 2
	PermDelete int32 = 1 << 3
	PermAdmin  int32 = 1 << 4
	PermAll    int32 = 31
)

// ACL is one entry of a node's access list: it gives permissions to clients with an identity that
// matches Scheme and ID.
type ACL struct {
	Perms  int32
	Scheme string
	ID     string
}

// Identity is a scheme and an id that a connection has proved, such as {"ip", "10.0.0.7"} or, after
// an addAuth, {"digest", "bob:…"}.
type Identity struct {
	Scheme string
	ID     string
}

// OpenACL lets everybody do everything (ZooDefs.Ids.OPEN_ACL_UNSAFE). Do not change it: nodes share
// it.
var OpenACL = []ACL{{PermAll, "world", "anyone"}}

// ReadACL lets everybody read (ZooDefs.Ids.READ_ACL_UNSAFE). Do not change it.
var ReadACL = []ACL{{PermRead, "world", "anyone"}}

// CheckACL reports whether the list gives one of the identities the permission. An empty list gives
// everybody every permission, and every list gives "super" all permissions
// (ZooKeeperServer.checkACL).
func CheckACL(acl []ACL, perm int32, who []Identity) bool {
	if len(acl) == 0 {
		return true
	}
	for i := range who {
		if who[i].Scheme == "super" {
			return true
		}
	}
	for i := range acl {
		a := &acl[i]
		if a.Perms&perm == 0 {
			continue
		}
		if a.Scheme == "world" && a.ID == "anyone" {
			return true
		}
		for j := range who {
			if who[j].Scheme == a.Scheme && matches(a, who[j].ID) {
				return true
			}
		}
	}
	return false
}

func matches(a *ACL, id string) bool {
	switch a.Scheme {
	case "digest":
		return a.ID == id
	case "ip":
		return matchesIP(id, a.ID)
	}
	return false
}

// FixupACL returns the access list to store for a create or setACL that requests the list acl
// (PrepRequestProcessor.fixupACL). It drops duplicates, and replaces "auth" by every authenticated
// identity of the client. It returns InvalidACL for an empty list, an unknown scheme, a malformed
// id, or "auth" from a client without an authenticated identity.
func FixupACL(acl []ACL, who []Identity) ([]ACL, Code) {
	if len(acl) == 0 {
		return nil, InvalidACL
	}
	if len(acl) == 1 && acl[0] == OpenACL[0] {
		return OpenACL, OK // shared: nearly every client sends it
	}
	fixed := make([]ACL, 0, len(acl))
	for i, a := range acl {
		if containsACL(acl[:i], a) {
			continue
		}
		switch {
		case a.Scheme == "world" && a.ID == "anyone",
			a.Scheme == "digest" && isDigestID(a.ID),
			a.Scheme == "ip" && isIPPattern(a.ID):
			fixed = append(fixed, a)
		case a.Scheme == "auth":
			before := len(fixed)
			for _, id := range who {
				// An IP address does not authenticate a client.
				if id.Scheme == "digest" {
					fixed = append(fixed, ACL{a.Perms, id.Scheme, id.ID})
				}
			}
			if len(fixed) == before {
				return nil, InvalidACL
			}
		default:
			return nil, InvalidACL
		}
	}
	return fixed, OK
}

func containsACL(list []ACL, a ACL) bool {
	for i := range list {
		if list[i] == a {
			return true
		}
	}
	return false
}

// RedactACL returns the list that getACL sends to a client without PermAdmin: its digests are
// hidden.
func RedactACL(acl []ACL) []ACL {
	shown := append([]ACL(nil), acl...)
	for i := range shown {
		if user, _, found := strings.Cut(shown[i].ID, ":"); found && shown[i].Scheme == "digest" {
			shown[i].ID = user + ":x"
		}
	}
	return shown
}

// DigestID returns the id of "user:password" in the digest scheme: the user, a colon, and the SHA-1
// of the whole text in base64 (DigestAuthenticationProvider.generateDigest).
func DigestID(userPassword string) string {
	user, _, _ := strings.Cut(userPassword, ":")
	sum := sha.Sum1([]byte(userPassword))
	return user + ":" + base64.StdEncoding.EncodeToString(sum[:])
}

// isDigestID reports whether Java's id.split(":").length is 2. Java does not count empty parts at
// the end.
func isDigestID(id string) bool {
	trimmed := strings.TrimRight(id, ":")
	return strings.Count(trimmed, ":") == 1
}

// matchesIP reports whether an address matches a pattern, ADDRESS or ADDRESS/BITS
// (IPAuthenticationProvider.matches).
func matchesIP(address, pattern string) bool {
	net, bits, ok := parseIPPattern(pattern)
	if !ok {
		return false
	}
	ip, ok := parseIP(address)
	if !ok || ip.length != net.length {
		return false
	}
	for i := 0; i < bits; i++ {
		mask := byte(0x80) >> (i % 8)
		if ip.octets[i/8]&mask != net.octets[i/8]&mask {
			return false
		}
	}
	return true
}

func isIPPattern(pattern string) bool {
	_, _, ok := parseIPPattern(pattern)
	return ok
}

func parseIPPattern(pattern string) (ip ipAddress, bits int, ok bool) {
	address, width, cut := strings.Cut(pattern, "/")
	ip, ok = parseIP(address)
	if !ok {
		return ip, 0, false
	}
	bits = ip.length * 8
	if cut {
		n, err := strconv.ParseUint(width, 10, 8)
		if err != nil || int(n) > bits {
			return ip, 0, false
		}
		bits = int(n)
	}
	return ip, bits, true
}

// ipAddress is 4 or 16 octets.
type ipAddress struct {
	octets [16]byte
	length int
}

func parseIP(s string) (ip ipAddress, ok bool) {
	if strings.Contains(s, ":") {
		return parseIPv6(s)
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return ip, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return ip, false
		}
		ip.octets[i] = byte(n)
	}
	ip.length = 4
	return ip, true
}

func parseIPv6(s string) (ip ipAddress, ok bool) {
	ip.length = 16
	head, tail, compressed := strings.Cut(s, "::")
	if !compressed {
		return ip, fillIPv6(ip.octets[:], head, 8)
	}
	if strings.Contains(tail, "::") {
		return ip, false
	}
	count := func(t string) int {
		if t == "" {
			return 0
		}
		return strings.Count(t, ":") + 1
	}
	front, back := count(head), count(tail)
	if front+back >= 8 {
		return ip, false
	}
	return ip, fillIPv6(ip.octets[:], head, front) && fillIPv6(ip.octets[16-2*back:], tail, back)
}

// fillIPv6 reads exactly want groups of up to four hex digits into dst.
func fillIPv6(dst []byte, s string, want int) bool {
	if want == 0 {
		return s == ""
	}
	groups := strings.Split(s, ":")
	if len(groups) != want {
		return false
	}
	for i, group := range groups {
		n, err := strconv.ParseUint(group, 16, 16)
		if err != nil || len(group) > 4 {
			return false
		}
		dst[2*i], dst[2*i+1] = byte(n>>8), byte(n)
	}
	return true
}
