package gateway

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// standing are the watches of one connection that stay set when they fire. The judges must know
// them: such a watch may fire more than once.
type standing struct{ persistent, recursive []string }

// set adds the watches of a setWatches2.
func (s *standing) set(w *tree.SetWatches) {
	s.persistent = append(s.persistent, w.Persistent...)
	s.recursive = append(s.recursive, w.Recursive...)
}

// answered notes an operation that has succeeded.
func (s *standing) answered(op *tree.Op) {
	is := func(path string) bool { return path == op.Path }
	switch {
	case op.Type == tree.OpAddWatch && op.WatchMode == tree.WatchPersistent:
		s.persistent = append(s.persistent, op.Path)
	case op.Type == tree.OpAddWatch:
		s.recursive = append(s.recursive, op.Path)
	case op.Type == tree.OpRemoveWatches && op.WatcherType == tree.WatcherAny:
		s.persistent = slices.DeleteFunc(s.persistent, is)
		s.recursive = slices.DeleteFunc(s.recursive, is)
	case op.Type == tree.OpRemoveWatches && op.WatcherType == tree.WatcherPersistent:
		s.persistent = slices.DeleteFunc(s.persistent, is)
	case op.Type == tree.OpRemoveWatches && op.WatcherType == tree.WatcherPersistentRecursive:
		s.recursive = slices.DeleteFunc(s.recursive, is)
	}
}

// fires reports whether an event fires a standing watch. A recursive watch does not fire when the
// list of children changes.
func (s *standing) fires(e *tree.WatchEvent) bool {
	if slices.Contains(s.persistent, e.Path) {
		return true
	}
	return e.Type != tree.NodeChildrenChanged && slices.ContainsFunc(s.recursive, func(p string) bool {
		return e.Path == p || p == "/" || strings.HasPrefix(e.Path, p+"/")
	})
}
