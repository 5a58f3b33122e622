package audit

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
)

// Replied reports to the audit that a server answers a request of a session.
//
// Replied checks NoServiceUnlessEstablished: the server is in broadcast, under a leader that a
// quorum follows.
func (a *Audit) Replied(m *sim.Machine, s *server.Server, session int64) {
	if !s.Serving() {
		a.broken(NoServiceUnlessEstablished, "%s answers session %x in phase %v: a server must "+
			"not answer before broadcast",
			m.Name, session, s.Peer().Phase())
	}
}

// Expiring reports to the audit that a leader is about to end a session, which has been silent for
// the given time by the leader's clock.
//
// Expiring checks NoEarlyExpiry: the session has been silent for at least its timeout. Expiring
// also checks ExpiresOnce: a leader proposes the end of a session only once (setSessionClosing in
// ZooKeeper's SessionTracker).
func (a *Audit) Expiring(m *sim.Machine, s *server.Server, session int64, silent sim.Time) {
	timeoutMs, ok := s.Tree().Session(session)
	if timeout := sim.Time(timeoutMs) * sim.Millisecond; ok && silent < timeout {
		a.broken(NoEarlyExpiry, "%s expires session %x after %s of silence, but the timeout is %s",
			m.Name, session, silent, timeout)
	}
	at := ending{session, s.Peer().Epoch()}
	if a.expired[at] {
		a.broken(ExpiresOnce, "%s expires session %x a second time in epoch %d", m.Name, session,
			at.epoch)
	}
	a.expired[at] = true
}

// Expired reports to the audit that a client has learned that its session has expired. session is 0
// if the client had no session.
//
// Expired checks SessionBeforeExpiry: the client must have had a session before.
func (a *Audit) Expired(client string, session int64) {
	if session == 0 {
		a.broken(SessionBeforeExpiry, "client %s says that its session has expired, but no "+
			"server has given that client a session", client)
	}
}

// Closed reports to the audit that a leader has proposed the end of a session without a request of
// the client, for example because the session expired.
//
// Closed checks NoEarlyExpiry: a leader ends a session only if the session has timed out, if a
// fault asks for it, or if the client's connection has broken and the ensemble is configured to end
// the session of a broken connection (ExpireOnDisconnect).
func (a *Audit) Closed(c *engine.Closing) {
	if c.Why == engine.Dropped && !a.config.ExpireOnDisconnect {
		a.broken(NoEarlyExpiry, "session %x ends at zxid %v, although the client did not close it and "+
			"it did not time out", c.Session, c.Zxid)
	}
}
