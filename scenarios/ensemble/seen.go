package ensemble

// Seen counts events of a run, to show whether the run tested anything.
type Seen struct {
	Diffs, Truncs, Snaps int // by which a leader let a learner catch up
	Moved                int // sessions that moved to another server
	Lost                 int // disks
	Refused              int // writes that an outside resource refused: their token was too old
	Between              int // leaders that died with acceptedEpoch on disk, and currentEpoch not
	Handed               int // uncommitted transactions that reached the next leader in a SNAP
}

// Seen returns how often each event that the type [Seen] counts has happened so far.
func (e *Ensemble) Seen() Seen {
	n := e.seen
	n.Refused = e.fences.refused
	return n
}
