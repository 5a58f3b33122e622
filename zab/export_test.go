package zab

// PretendProposed makes a leader believe that it has proposed that many transactions in its
// epoch: really to propose four billion takes too long.
func (p *Peer) PretendProposed(counter uint32) {
	p.lead.proposed = MakeZxid(p.lead.epoch, counter)
}

// Better is the order on votes.
func Better(a, b Vote) bool { return better(a, b) }
