package zab

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
)

// PretendProposed makes a leader believe that it has proposed that many transactions in its epoch:
// to propose four billion would take too long.
func (p *Peer) PretendProposed(counter uint32) {
	p.lead.proposed = MakeZxid(p.lead.epoch, counter)
}

// Better reports whether vote a beats vote b.
func Better(a, b Vote) bool { return better(a, b) }

// TruncateLog cuts logs that begin at these zxids to the entries kept, and returns what the writer
// asks of the disk: one line for all that it asks before it waits for an fsync.
func TruncateLog(begins []Zxid, kept []Entry, end Zxid) (lines []string) {
	p := New(Config{ID: 1, Voters: SetOf(1)}, Stored{}, nil, nil, &IO{})
	for _, z := range begins {
		p.writer.files = append(p.writer.files, logFile{name: logName(z, z-1), size: 1000})
	}
	p.writer.add(job{kind: jobTruncate, zxid: end, end: end, kept: kept})
	for len(p.io.Out) > 0 {
		var words []string
		for _, e := range p.io.Out {
			kind := map[sim.EffectKind]string{sim.Remove: "remove", sim.Truncate: "cut",
				sim.Fsync: "fsync"}[e.Kind]
			words = append(words, strings.TrimSpace(fmt.Sprint(kind, " ", e.File[:min(len(e.File), 20)])))
		}
		lines, p.io.Out = append(lines, strings.Join(words, ", ")), nil
		p.onFsynced(p.writer.token)
	}
	return lines
}
