package tree

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ValidatePath returns an error for each path that ZooKeeper refuses (PathUtils.validatePath). A
// path must be absolute, without a slash at the end, without an empty, "." or ".." part, and
// without control characters and other code points that PathUtils excludes. The positions in its
// errors are counted in UTF-16 units from 0, like the positions in ZooKeeper's errors. The server
// answers BadArguments to a path that it refuses.
//
// ValidatePath also refuses two kinds of text that Java treats specially. Java stores a character
// above U+FFFF, such as an emoji, as two surrogates, and PathUtils excludes surrogates. ZooKeeper
// decodes bytes that are not valid UTF-8 as U+FFFD, and PathUtils excludes that character.
func ValidatePath(path string) error {
	if path == "" {
		return pathError(path, "empty path", "write / for the root")
	}
	if path[0] != '/' {
		return pathError(path, "path without a slash at the start", "write the path from the root")
	}
	if len(path) == 1 {
		return nil
	}
	if path[len(path)-1] == '/' {
		return pathError(path, "path with a slash at the end", "remove the last slash")
	}
	at := 1 // in UTF-16 units
	for start, i := 1, 1; i < len(path); at++ {
		r, width := utf8.DecodeRuneInString(path[i:])
		next := i + width
		last := next == len(path) || path[next] == '/'
		switch {
		case r == 0:
			return pathError(path, "null character at position "+strconv.Itoa(at),
				"remove the character")
		case r == '/' && i == start:
			return pathError(path, "two slashes at position "+strconv.Itoa(at),
				"write a single slash")
		case r == '.' && last && (i == start || i == start+1 && path[start] == '.'):
			return pathError(path, "relative element (\".\" or \"..\") at position "+
				strconv.Itoa(at),
				"write the full path")
		case forbidden(r):
			return pathError(path, "invalid character at position "+strconv.Itoa(at),
				"remove the character")
		}
		if r == '/' {
			start = next
		}
		i = next
	}
	return nil
}

// ValidateCreatePath validates the path of a create. For a sequential create, the path may end with
// a slash, because the number becomes the node's name: a sequential create of /q/ makes
// /q/0000000000.
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

// SplitPath splits a path into the path of the parent and the node's name: /a/b into /a and b, and
// /a into / and a. ok is false for the root and for a path that is not absolute.
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

// SequentialName returns the path of the node that a sequential create makes: the requested path,
// followed by the parent's [Node.CVersion], padded with zeros to ten characters. If CVersion has
// overflowed and is negative, the minus sign is one of the ten characters, or an eleventh if the
// number has ten digits (PrepRequestProcessor.pRequest2TxnCreate).
func SequentialName(path string, cversion int32) string {
	var buf [11]byte
	n, b := int64(cversion), buf[:0]
	width := 10
	if n < 0 {
		// The ten characters of Java's %010d include the sign.
		b, n, width = append(b, '-'), -n, 9
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits); i < width; i++ {
		b = append(b, '0')
	}
	return path + string(b) + digits
}

// IsSpecialPath reports whether path is one of the four nodes that every tree has and that no
// client can delete (DataTree.isSpecialPath).
func IsSpecialPath(path string) bool {
	switch path {
	case "/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config":
		return true
	}
	return false
}
