package apache

// Renew makes a running client open a new session, like a program after its session has expired.
// The old session is not closed: if it still lives, it ends with its timeout. Call Renew only while
// every operation of the client has its answer.
func (c *Client) Renew() {
	l := c.life
	if l == nil {
		return
	}
	l.mu.Lock()
	c.sent[l.session] = l.sent
	l.mu.Unlock()
	l.end()
	c.Start()
	c.lives-- // a new session is not a new start
}
