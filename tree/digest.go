package tree

// Digest returns a hash of the whole replicated state: every node's path, data, stat, ACL and
// owner, and every session with its timeout. Replicas that have applied the same transactions have
// the same digest. Digest is the sum of one hash for each node and session. So the order of their
// creation does not matter, and a transaction updates only the hashes of what it changes.
//
// LastProcessed is not part of the digest, so compare digests at equal zxids.
func (t *Tree) Digest() uint64 { return t.digest }

// ComputeDigest computes the digest again from every node and session, for tests and audits. If it
// differs from Digest, this package has a bug.
func (t *Tree) ComputeDigest() uint64 {
	sum := computeDigest(t.root)
	for i := range t.sessions.list {
		sum += hashSession(t.sessions.list[i])
	}
	return sum
}

func computeDigest(n *Node) uint64 {
	fresh := *n
	fresh.hashParts()
	sum := fresh.digest()
	for _, c := range n.children {
		sum += computeDigest(c)
	}
	return sum
}

func (n *Node) hashParts() {
	n.pathHash, n.dataHash, n.aclHash = hashOf(n.path), hashData(n.data), hashACL(n.acl)
}

// digest returns the node's summand of the tree's digest. It includes the internal cversion. The
// number of children is in the digest through the children themselves.
func (n *Node) digest() uint64 {
	m := mixer(n.pathHash)
	m.add(n.dataHash)
	m.add(n.aclHash)
	m.add(uint64(n.czxid))
	m.add(uint64(n.mzxid))
	m.add(uint64(n.pzxid))
	m.add(uint64(n.ctime))
	m.add(uint64(n.mtime))
	m.add(uint64(uint32(n.version))<<32 | uint64(uint32(n.cversion)))
	m.add(uint64(uint32(n.aversion)))
	m.add(uint64(n.owner))
	return m.sum()
}

func hashSession(s Session) uint64 {
	m := mixer(hashSeed)
	m.add(uint64(s.ID))
	m.add(uint64(uint32(s.TimeoutMs)))
	return m.sum()
}

// rehash updates the tree's digest after a node has changed.
func (t *Tree) rehash(n *Node) {
	t.digest -= n.hash
	n.hash = n.digest()
	t.digest += n.hash
}
