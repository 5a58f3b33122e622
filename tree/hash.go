package tree

// The hash for digests and fingerprints: it uses integers only, and is the same on every machine.
// It makes accidental collisions unlikely, but not constructed ones.

const (
	hashSeed  uint64 = 0xcbf29ce484222325
	hashPrime uint64 = 0x9e3779b97f4a7c15
)

// scatter is the finaliser of SplitMix64: a bijection that spreads each bit over the word.
func scatter(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashOf hashes text or bytes, eight at a time. It hashes the length first, so that a run of zeros
// differs from a shorter run.
func hashOf[T ~string | ~[]byte](x T) uint64 {
	h := hashSeed ^ scatter(uint64(len(x)))
	i := 0
	for ; i+8 <= len(x); i += 8 {
		w := uint64(x[i]) | uint64(x[i+1])<<8 | uint64(x[i+2])<<16 | uint64(x[i+3])<<24 |
			uint64(x[i+4])<<32 | uint64(x[i+5])<<40 | uint64(x[i+6])<<48 | uint64(x[i+7])<<56
		h = (h ^ scatter(w)) * hashPrime
	}
	for ; i < len(x); i++ {
		h = (h ^ uint64(x[i])) * hashPrime
	}
	return scatter(h)
}

// hashData gives nil and empty data different hashes, because a getData returns them differently.
func hashData(data []byte) uint64 {
	if data == nil {
		return 1
	}
	return hashOf(data)
}

// mixer combines words into one hash, in order.
type mixer uint64

func (m *mixer) add(w uint64) { *m = mixer(scatter(uint64(*m)^w) * hashPrime) }

func (m *mixer) text(s string) { m.add(hashOf(s)) }

func (m *mixer) texts(list []string) {
	m.add(uint64(len(list)))
	for _, s := range list {
		m.text(s)
	}
}

func (m *mixer) acl(acl []ACL) { m.add(hashACL(acl)) }

func (m *mixer) sum() uint64 { return scatter(uint64(*m)) }

// openHash is the hash of OpenACL, the list of nearly every node.
var openHash = hashEntries(OpenACL)

func hashACL(acl []ACL) uint64 {
	if len(acl) == 1 && &acl[0] == &OpenACL[0] {
		return openHash
	}
	return hashEntries(acl)
}

func hashEntries(acl []ACL) uint64 {
	var m mixer
	m.add(uint64(len(acl)))
	for i := range acl {
		m.add(uint64(uint32(acl[i].Perms)))
		m.text(acl[i].Scheme)
		m.text(acl[i].ID)
	}
	return m.sum()
}
