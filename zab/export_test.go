package zab

// PretendProposed makes a leader believe that it has proposed that many transactions in its epoch:
// to propose four billion would take too long.
func (p *Peer) PretendProposed(counter uint32) {
	p.lead.proposed = MakeZxid(p.lead.epoch, counter)
}

// Better reports whether vote a beats vote b.
func Better(a, b Vote) bool { return better(a, b) }
