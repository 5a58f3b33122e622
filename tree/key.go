package tree

// The key of a message is what goes into a run's fingerprint: a hash of every field that a receiver
// could act on. Messages that differ in such a field have different keys, except for collisions of
// 64 bits.

const (
	keyConnect uint64 = iota + 1
	keyConnected
	keyRequest
	keyReply
	keyEvent
)

// Key returns a hash of the message.
func (m *ConnectRequest) Key() uint64 {
	h := mixer(keyConnect)
	h.add(uint64(m.LastZxidSeen))
	h.add(uint64(uint32(m.TimeoutMs)))
	h.add(uint64(m.SessionID))
	h.add(hashData(m.Passwd))
	return h.sum()
}

// Key returns a hash of the message.
func (m *ConnectResponse) Key() uint64 {
	h := mixer(keyConnected)
	h.add(uint64(uint32(m.TimeoutMs)))
	h.add(uint64(m.SessionID))
	h.add(hashData(m.Passwd))
	return h.sum()
}

// Key returns a hash of the message.
func (m *Request) Key() uint64 {
	h := mixer(keyRequest)
	h.add(uint64(uint32(m.Xid)))
	m.Op.mix(&h)
	return h.sum()
}

// Key returns a hash of the message.
func (m *Reply) Key() uint64 {
	h := mixer(keyReply)
	h.add(uint64(uint32(m.Xid))<<32 | uint64(uint32(m.Code)))
	h.add(uint64(m.Zxid))
	m.Result.mix(&h)
	return h.sum()
}

// Key returns a hash of the message.
func (m *WatchNotification) Key() uint64 {
	h := mixer(keyEvent)
	h.add(uint64(uint32(m.Type)))
	h.text(m.Path)
	h.add(uint64(m.Zxid))
	return h.sum()
}

func (o *Op) mix(h *mixer) {
	h.add(uint64(uint32(o.Type))<<32 | uint64(uint32(o.Version)))
	h.text(o.Path)
	h.add(hashData(o.Data))
	if o.ACL != nil {
		h.acl(o.ACL)
	}
	watch := uint64(0)
	if o.Watch {
		watch = 1
	}
	h.add(uint64(uint32(o.Flags))<<32 | uint64(uint8(o.WatchMode))<<16 |
		uint64(uint8(o.WatcherType))<<8 | watch)
	h.add(uint64(uint32(o.TimeoutMs)))
	if o.Scheme != "" {
		h.text(o.Scheme)
	}
	if o.TTL != 0 {
		h.add(uint64(o.TTL))
	}
	h.add(uint64(len(o.Ops)))
	for i := range o.Ops {
		o.Ops[i].mix(h)
	}
	if s := o.SetWatches; s != nil {
		h.add(uint64(s.RelativeZxid))
		h.texts(s.Data)
		h.texts(s.Exist)
		h.texts(s.Child)
		h.texts(s.Persistent)
		h.texts(s.Recursive)
	}
}

func (r *OpResult) mix(h *mixer) {
	h.add(uint64(uint32(r.Type))<<32 | uint64(uint32(r.Code)))
	h.text(r.Path)
	h.add(hashData(r.Data))
	r.Stat.mix(h)
	h.texts(r.Children)
	if r.ACL != nil {
		h.acl(r.ACL)
	}
	h.add(uint64(uint32(r.Number))<<32 | uint64(uint32(len(r.Results))))
	for i := range r.Results {
		r.Results[i].mix(h)
	}
}

func (s *Stat) mix(h *mixer) {
	if *s == (Stat{}) {
		h.add(0)
		return
	}
	h.add(uint64(s.Czxid))
	h.add(uint64(s.Mzxid))
	h.add(uint64(s.Ctime))
	h.add(uint64(s.Mtime))
	h.add(uint64(s.Pzxid))
	h.add(uint64(s.EphemeralOwner))
	h.add(uint64(uint32(s.Version))<<32 | uint64(uint32(s.Cversion)))
	h.add(uint64(uint32(s.Aversion))<<32 | uint64(uint32(s.NumChildren)))
	h.add(uint64(uint32(s.DataLength)))
}
