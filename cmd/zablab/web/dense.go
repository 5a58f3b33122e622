package web

// The engine is in the page as text of 85 characters: five of them for four bytes, where base64 has
// six for less than five. A page is so 8 % smaller. engine.js reads the text (undense).

// digits are the printable characters of ASCII, without the space and those with a meaning in HTML,
// in JavaScript or in index.html.
var digits = func() (list []byte) {
	for c := byte('!'); c <= '~'; c++ {
		switch c {
		case '"', '\'', '&', '<', '>', '\\', '`', '{', '}':
		default:
			list = append(list, c)
		}
	}
	return list
}()

// dense writes bytes as text. The last one to three bytes take a character more than they are.
func dense(b []byte) string {
	out := make([]byte, 0, len(b)/4*5+5)
	for ; len(b) > 0; b = b[min(4, len(b)):] {
		var group [4]byte
		n := copy(group[:], b)
		v := uint32(group[0])<<24 | uint32(group[1])<<16 | uint32(group[2])<<8 | uint32(group[3])
		var five [5]byte
		for i := len(five) - 1; i >= 0; i-- {
			five[i] = digits[v%85]
			v /= 85
		}
		out = append(out, five[:n+1]...)
	}
	return string(out)
}
