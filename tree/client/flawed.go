package client

import (
	"bytes"

	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of the recipes, away from their code. A place there asks has; whatever a flaw does
// beyond a line is here.

// has is true if f is the injected flaw, and counts that its place was reached. A place asks first
// whether the flaw would make a difference, and has last.
func (c *Client) has(f flaw.Flaw) bool { return c.config.Flaw.At(f, c.config.Hits) }

// mistakesForOwn (OldSelf) is true if a node has these data, which are taken for a sign of whose it
// is. To see the data takes a call, which a sound client does not make: so has comes first here.
func (p *Proc) mistakesForOwn(path string, data []byte) bool {
	if !p.c.has(flaw.OldSelf) {
		return false
	}
	found, _, err := p.Get(path)
	return err == nil && bytes.Equal(found, data)
}

// waitsForHolder (Herd) is true if a waiter watches the first ticket of the line, and would watch
// another without the flaw.
func (p *Proc) waitsForHolder(line []ticket, first string) bool {
	return line[0].name != first && p.c.has(flaw.Herd)
}

// watchLate (LateWatch) reads first, and sets the watch by a second call.
func (p *Proc) watchLate(node string) (*Watch, error) {
	if _, _, err := p.Get(node); err != nil {
		return nil, err
	}
	_, _, w, err := p.ExistsW(node)
	return w, err
}
