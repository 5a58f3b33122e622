package client

import (
	"bytes"

	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of the recipes, away from their code. A place there asks has; whatever a flaw does
// beyond a line is here.

// has is true if f is the injected flaw, and counts that its place was reached. A place asks for
// what makes a difference first, and has last.
func (c *Client) has(f flaw.Flaw) bool { return c.config.Flaw.At(f, c.config.Hits) }

// says (OldSelf) is true if a node has these data: they are taken for a sign of whose it is.
func (p *Proc) says(path string, data []byte) bool {
	found, _, err := p.Get(path)
	return err == nil && bytes.Equal(found, data)
}

// watchLate (LateWatch) reads first, and sets the watch by a second call.
func (p *Proc) watchLate(node string) (*Watch, error) {
	if _, _, err := p.Get(node); err != nil {
		return nil, err
	}
	_, _, w, err := p.ExistsW(node)
	return w, err
}
