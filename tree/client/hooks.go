package client

import "github.com/zablab/zablab/tree"

// Hooks observe what a client does: each method is named after an event, and the client calls it
// when that event happens. To observe only some events, embed [NopHooks] and define the methods for
// those events. Do not keep a pointer to a Call: copy what you need.
type Hooks interface {
	Called(c *Client, call *Call)
	Returned(c *Client, call *Call)
	// Notified: the client has received a watch event.
	Notified(c *Client, e tree.WatchEvent)
	Changed(c *Client, s State)
	// Believes: a program believes from now on that it leads, or no longer does.
	Believes(c *Client, leads bool)
	// Marked: a program of the client, by its number, says what it does with a recipe.
	Marked(c *Client, program int, m Mark)
	// Uses: a program writes to a resource outside the ensemble. taken is false if the resource
	// refuses the token.
	Uses(c *Client, u Use) (taken bool)
}

// NopHooks implements Hooks and does nothing.
type NopHooks struct{}

func (NopHooks) Called(*Client, *Call)             {}
func (NopHooks) Returned(*Client, *Call)           {}
func (NopHooks) Notified(*Client, tree.WatchEvent) {}
func (NopHooks) Changed(*Client, State)            {}
func (NopHooks) Believes(*Client, bool)            {}
func (NopHooks) Marked(*Client, int, Mark)         {}

// Uses accepts every token.
func (NopHooks) Uses(*Client, Use) bool { return true }

// Holding reports whether any program of the client holds a lock or a leadership, according to its
// [Mark]s: it has made a mark of kind Holds, and since then none of kind LetsGo for the same node.
func (c *Client) Holding() bool {
	for _, p := range c.procs {
		if !p.done && len(p.held) > 0 {
			return true
		}
	}
	return false
}
