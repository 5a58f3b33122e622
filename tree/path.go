package tree

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ValidatePath accepts the paths that ZooKeeper accepts (PathUtils.validatePath): absolute, no
// slash at the end, no empty, "." or ".." part, no control character and none of the code points
// that Java's rule excludes. Positions in errors count UTF-16 units from 0, as ZooKeeper's do. The
// server answers BadArguments to any other path.
//
// Java sees a character above U+FFFF as two surrogates, which the rule excludes; so those
// characters, emoji among them, are refused here too. Bytes that are not UTF-8 reach ZooKeeper as
// U+FFFD, which is excluded as well.
func ValidatePath(path string) error {
	if path == "" {
		return pathError(path, "it is empty", "write / for the root")
	}
	if path[0] != '/' {
		return pathError(path, "it does not start with a slash", "write it from the root")
	}
	if len(path) == 1 {
		return nil
	}
	if path[len(path)-1] == '/' {
		return pathError(path, "it ends with a slash", "leave the last slash out")
	}
	at := 1 // in UTF-16 units
	for start, i := 1, 1; i < len(path); at++ {
		r, width := utf8.DecodeRuneInString(path[i:])
		next := i + width
		last := next == len(path) || path[next] == '/'
		switch {
		case r == 0:
			return pathError(path, "null character at "+strconv.Itoa(at), "leave it out")
		case r == '/' && i == start:
			return pathError(path, "empty name at "+strconv.Itoa(at), "write one slash")
		case r == '.' && last && (i == start || i == start+1 && path[start] == '.'):
			return pathError(path, "relative name at "+strconv.Itoa(at), "write it out")
		case forbidden(r):
			return pathError(path, "invalid character at "+strconv.Itoa(at), "leave it out")
		}
		if r == '/' {
			start = next
		}
		i = next
	}
	return nil
}

// ValidateCreatePath is ValidatePath for a create, whose name may be empty if a number follows:
// create /q/ (sequential) makes /q/0000000000.
func ValidateCreatePath(path string, sequential bool) error {
	if sequential {
		return ValidatePath(path + "1")
	}
	return ValidatePath(path)
}

func forbidden(r rune) bool {
	return r <= 0x1f || r >= 0x7f && r <= 0x9f || r >= 0xd800 && r <= 0xf8ff || r >= 0xfff0
}

func pathError(path, cause, remedy string) error {
	return errors.New("path " + strconv.Quote(path) + ": " + cause + ": " + remedy)
}

// SplitPath splits a path into the parent's path and the name: /a/b into /a and b, /a into / and a.
// ok is false for the root and for a path that is not absolute.
func SplitPath(path string) (parent, name string, ok bool) {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || path[0] != '/' || slash == len(path)-1 {
		return "", "", false
	}
	if slash == 0 {
		return "/", path[1:], true
	}
	return path[:slash], path[slash+1:], true
}

// SequentialName is a path with the number of a sequential create: the parent's internal cversion
// in ten digits. The counter is an int32 and can be negative, with a minus sign in the width
// (PrepRequestProcessor.pRequest2TxnCreate).
func SequentialName(path string, cversion int32) string {
	var buf [11]byte
	n, b := int64(cversion), buf[:0]
	width := 10
	if n < 0 {
		// Java's %010d counts the sign into the width.
		b, n, width = append(b, '-'), -n, 9
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits); i < width; i++ {
		b = append(b, '0')
	}
	return path + string(b) + digits
}

// IsSpecialPath reports whether the path is that of one of the four nodes that every tree has and
// that cannot be deleted (DataTree.isSpecialPath).
func IsSpecialPath(path string) bool {
	switch path {
	case "/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config":
		return true
	}
	return false
}
