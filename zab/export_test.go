package zab

// PretendProposed makes a leader believe that it has proposed so many in its epoch: four billion
// proposals take too long.
func (p *Peer) PretendProposed(counter uint32) {
	p.lead.proposed = MakeZxid(p.lead.epoch, counter)
}

// Better is the order on votes.
func Better(a, b Vote) bool { return better(a, b) }
