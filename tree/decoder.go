package tree

import (
	"encoding/binary"
	"fmt"
	"math"
)

// decoder reads values from the front of rest. After the first failure every read returns zero, so
// the caller checks err once, at the end.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(cause string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errTxn, cause)
	}
}

func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.rest)) {
		d.fail("the data ends too early")
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || n > 1 && d.rest[n-1] == 0 {
		d.fail("a number has an invalid encoding")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) int32() int32 {
	v := d.varint()
	if v < math.MinInt32 || v > math.MaxInt32 {
		d.fail("a number does not fit into 32 bits")
		return 0
	}
	return int32(v)
}

// count reads the length of a list whose items take at least size bytes each. It checks the length
// against the number of bytes left, before memory is allocated for the list.
func (d *decoder) count(size uint64) int {
	n := d.uvarint()
	if n > uint64(len(d.rest))/size {
		d.fail("a list is longer than the data that is left")
		return 0
	}
	return int(n)
}

func (d *decoder) zxid() int64 {
	epoch, counter := d.uvarint(), d.uvarint()
	if epoch > math.MaxUint32 || counter > math.MaxUint32 {
		d.fail("the epoch or counter of a zxid does not fit into 32 bits")
	}
	return int64(epoch<<32 | counter)
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

func (d *decoder) data() []byte {
	n := d.uvarint()
	if n == 0 {
		return nil
	}
	b := d.take(n - 1)
	if b == nil && d.err == nil {
		return []byte{}
	}
	return b
}

func (d *decoder) acl() []ACL {
	n := d.count(3)
	if n == 0 {
		return nil
	}
	if n == 1 && d.takeText(openACLBytes) {
		return OpenACL
	}
	acl := make([]ACL, n)
	for i := range acl {
		acl[i] = ACL{d.int32(), d.text(), d.text()}
	}
	return acl
}

// openACLBytes is the encoding of OpenACL's entry by appendACL. Nearly every node has this list,
// and all these nodes share one.
const openACLBytes = "\x3e\x05world\x06anyone"

func (d *decoder) takeText(s string) bool {
	if d.err != nil || len(d.rest) < len(s) || string(d.rest[:len(s)]) != s {
		return false
	}
	d.rest = d.rest[len(s):]
	return true
}
