package client

import (
	"bytes"

	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of the recipes, which are bugs to inject, apart from the sound code. The recipes call
// has where a flaw acts. Code of a flaw that is longer than a line is here.

// has is true if f is the injected flaw, and then counts a hit. A condition calls has last, after
// it has found that the flaw would make a difference.
func (c *Client) has(f flaw.Flaw) bool { return c.config.Flaw.At(f, c.config.Hits) }

// mistakesForOwn (OldSelf) is true if a node has these data, from which a client with the flaw
// concludes that the node is its own. Only the flaw makes the call that reads the data, so this
// condition calls has first.
func (p *Proc) mistakesForOwn(path string, data []byte) bool {
	if !p.c.has(flaw.OldSelf) {
		return false
	}
	found, _, err := p.Get(path)
	return err == nil && bytes.Equal(found, data)
}

// waitsForHolder (Herd) is true if a waiter watches the first ticket of the line, although without
// the flaw it would watch another.
func (p *Proc) waitsForHolder(line []ticket, first string) bool {
	return line[0].name != first && p.c.has(flaw.Herd)
}

// watchLate (LateWatch) reads a node first, and sets the watch by a second call.
func (p *Proc) watchLate(node string) (*Watch, error) {
	if _, _, err := p.Get(node); err != nil {
		return nil, err
	}
	_, _, w, err := p.ExistsW(node)
	return w, err
}
