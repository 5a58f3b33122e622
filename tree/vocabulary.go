package tree

import "strconv"

// CreateMode says what kind of node a create makes: persistent or ephemeral, sequential or not, a
// container, or a node with a time to live (ZooKeeper's CreateMode).
type CreateMode int32

// These modes say what kind of node a create makes. For a container, a client sends the operation
// createContainer instead of create, and for a node with a time to live, createTTL. In a multi, the
// operation is always create, and only its mode says which kind of node it makes.
const (
	Persistent           CreateMode = 0
	Ephemeral            CreateMode = 1
	PersistentSequential CreateMode = 2
	EphemeralSequential  CreateMode = 3
	Container            CreateMode = 4
	PersistentTTL        CreateMode = 5
	SequentialTTL        CreateMode = 6
)

// IsEphemeral reports whether the node is deleted when its session ends.
func (m CreateMode) IsEphemeral() bool { return m == Ephemeral || m == EphemeralSequential }

// IsSequential reports whether a number is appended to the name.
func (m CreateMode) IsSequential() bool {
	return m == PersistentSequential || m == EphemeralSequential || m == SequentialTTL
}

// Known reports whether ZooKeeper has this mode.
func (m CreateMode) Known() bool { return m >= Persistent && m <= SequentialTTL }

// IsTTL reports whether the node has a time to live.
func (m CreateMode) IsTTL() bool { return m == PersistentTTL || m == SequentialTTL }

// String returns the mode as documents write it: "ephemeral, sequential".
func (m CreateMode) String() string {
	switch m {
	case Persistent:
		return "persistent"
	case Ephemeral:
		return "ephemeral"
	case PersistentSequential:
		return "sequential"
	case EphemeralSequential:
		return "ephemeral, sequential"
	case Container:
		return "container"
	case PersistentTTL:
		return "ttl"
	case SequentialTTL:
		return "ttl, sequential"
	}
	return "mode " + strconv.FormatInt(int64(m), 10)
}

// AddWatchMode is the kind of watch that addWatch sets (ZooDefs.AddWatchModes).
type AddWatchMode int32

// The modes of addWatch. Watches of both modes stay set when they fire.
const (
	WatchPersistent          AddWatchMode = 0 // the node and its list of children
	WatchPersistentRecursive AddWatchMode = 1 // the node and everything below it
)

// WatcherType says which watches checkWatches checks and removeWatches removes
// (Watcher.WatcherType).
type WatcherType int32

// The types of watchers.
const (
	WatcherChildren            WatcherType = 1
	WatcherData                WatcherType = 2
	WatcherAny                 WatcherType = 3
	WatcherPersistent          WatcherType = 4
	WatcherPersistentRecursive WatcherType = 5
)

// EventType is what has happened to a watched node (Watcher.Event.EventType).
type EventType int32

// The events.
const (
	NodeCreated         EventType = 1
	NodeDeleted         EventType = 2
	NodeDataChanged     EventType = 3
	NodeChildrenChanged EventType = 4
)

// String returns ZooKeeper's name of the event.
func (e EventType) String() string {
	switch e {
	case NodeCreated:
		return "NodeCreated"
	case NodeDeleted:
		return "NodeDeleted"
	case NodeDataChanged:
		return "NodeDataChanged"
	case NodeChildrenChanged:
		return "NodeChildrenChanged"
	}
	return "event " + strconv.FormatInt(int64(e), 10)
}

// WatchEvent is one event at one path.
type WatchEvent struct {
	Type EventType
	Path string
	Zxid int64 // of the transaction; for a late event, of the node's last change
}

// String returns the event as traces print it: NodeDeleted /leader at 1/4.
func (e WatchEvent) String() string {
	return e.Type.String() + " " + e.Path + " at " + FormatZxid(e.Zxid)
}

// Stat is a node's metadata as clients see it (ZooKeeper's Stat). The times are in milliseconds.
// They come from the wall clock of the leader that made the transaction.
type Stat struct {
	Czxid          int64 // of the create
	Mzxid          int64 // of the last setData
	Ctime          int64 // ms
	Mtime          int64 // ms
	Version        int32 // counts setData
	Cversion       int32 // counts creates and deletes of children
	Aversion       int32 // counts setACL
	EphemeralOwner int64 // session id; 0 if no session owns the node
	DataLength     int32 // bytes
	NumChildren    int32
	Pzxid          int64 // of the last create or delete of a child
}

// FormatZxid returns a zxid as epoch/counter: 1/10.
func FormatZxid(zxid int64) string {
	var buf [24]byte
	b := strconv.AppendInt(buf[:0], zxid>>32, 10)
	b = append(b, '/')
	return string(strconv.AppendUint(b, uint64(uint32(zxid)), 10))
}
