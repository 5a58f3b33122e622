package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The encoding of a transaction in logs and proposals, which is not ZooKeeper's:
//
//	txn    = type session cxid epoch counter time body
//	type, cxid, versions, codes, times  signed varint
//	session   8 bytes, big endian (its top byte is a server id: a varint would be longer)
//	text      uvarint length, bytes
//	data      uvarint 0 for nil, else length+1, bytes
//	acl       uvarint count, then perms scheme id each
//	list      uvarint count, then the items
//
// A transaction has exactly one encoding: the decoder refuses other bytes that would mean the same
// (a longer varint, a boolean of 2, trailing bytes). So equal transactions are equal bytes.

var errTxn = errors.New("malformed")

// Append appends the transaction's encoding to dst. It panics if the body does not match the
// header's type, because then the caller has a bug.
func (t *Txn) Append(dst []byte) []byte {
	dst = appendInt(dst, int64(t.Type))
	dst = binary.BigEndian.AppendUint64(dst, uint64(t.Session))
	dst = appendInt(dst, int64(t.Cxid))
	dst = appendZxid(dst, t.Zxid)
	dst = appendInt(dst, t.TimeMs)
	return appendBody(dst, t.Type, t.Body)
}

func appendBody(dst []byte, op OpCode, body Body) []byte {
	if !goesWith(op, body) {
		panic(fmt.Sprintf("tree: append transaction: %T cannot be the body of a transaction of "+
			"type %v", body, op))
	}
	switch b := body.(type) {
	case *CreateTxn:
		dst = appendText(dst, b.Path)
		dst = appendData(dst, b.Data)
		dst = appendACL(dst, b.ACL)
		ephemeral := byte(0)
		if b.Ephemeral {
			ephemeral = 1
		}
		dst = append(dst, ephemeral)
		dst = appendInt(dst, int64(b.ParentCVersion))
		if op == OpCreateTTL {
			dst = appendInt(dst, b.TTL)
		}
	case *DeleteTxn:
		dst = appendText(dst, b.Path)
	case *SetDataTxn:
		dst = appendText(dst, b.Path)
		dst = appendData(dst, b.Data)
		dst = appendInt(dst, int64(b.Version))
	case *SetACLTxn:
		dst = appendText(dst, b.Path)
		dst = appendACL(dst, b.ACL)
		dst = appendInt(dst, int64(b.Version))
	case *CheckVersionTxn:
		dst = appendText(dst, b.Path)
		dst = appendInt(dst, int64(b.Version))
	case *MultiTxn:
		dst = binary.AppendUvarint(dst, uint64(len(b.Txns)))
		for i := range b.Txns {
			dst = appendInt(dst, int64(b.Txns[i].Type))
			dst = appendBody(dst, b.Txns[i].Type, b.Txns[i].Body)
		}
	case *CreateSessionTxn:
		dst = appendInt(dst, int64(b.TimeoutMs))
	case *CloseSessionTxn:
		dst = binary.AppendUvarint(dst, uint64(len(b.Paths)))
		for _, path := range b.Paths {
			dst = appendText(dst, path)
		}
	case *ErrorTxn:
		dst = appendInt(dst, int64(b.Code))
	}
	return dst
}

// goesWith reports whether a body is of the type that op needs.
func goesWith(op OpCode, body Body) bool {
	ok := false
	switch op {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		_, ok = body.(*CreateTxn)
	case OpDelete, OpDeleteContainer:
		_, ok = body.(*DeleteTxn)
	case OpSetData:
		_, ok = body.(*SetDataTxn)
	case OpSetACL:
		_, ok = body.(*SetACLTxn)
	case OpCheck:
		_, ok = body.(*CheckVersionTxn)
	case OpMulti:
		_, ok = body.(*MultiTxn)
	case OpCreateSession:
		_, ok = body.(*CreateSessionTxn)
	case OpCloseSession:
		_, ok = body.(*CloseSessionTxn)
	case OpError:
		_, ok = body.(*ErrorTxn)
	}
	return ok
}

func appendInt(dst []byte, v int64) []byte { return binary.AppendVarint(dst, v) }

func appendZxid(dst []byte, zxid int64) []byte {
	dst = binary.AppendUvarint(dst, uint64(zxid)>>32)
	return binary.AppendUvarint(dst, uint64(uint32(zxid)))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendData(dst, data []byte) []byte { return append(appendDataLength(dst, data), data...) }

// appendDataLength appends what comes before the bytes of data.
func appendDataLength(dst, data []byte) []byte {
	if data == nil {
		return append(dst, 0)
	}
	return binary.AppendUvarint(dst, uint64(len(data))+1)
}

func appendACL(dst []byte, acl []ACL) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(acl)))
	for i := range acl {
		dst = appendInt(dst, int64(acl[i].Perms))
		dst = appendText(dst, acl[i].Scheme)
		dst = appendText(dst, acl[i].ID)
	}
	return dst
}

// TxnType returns the type of an encoded transaction without decoding the rest. It returns OpError
// if b does not begin with a valid encoding of a type, for example because b is empty.
func TxnType(b []byte) OpCode {
	d := decoder{rest: b}
	t := OpCode(d.int32())
	if d.err != nil {
		return OpError
	}
	return t
}

// DecodeTxn decodes one transaction, which must be all of b. A node's data will share the bytes of
// b, so never change b afterwards. DecodeTxn never panics: it returns an error for bytes that
// Append would not have written.
func DecodeTxn(b []byte) (*Txn, error) { return new(TxnDecoder).Decode(b) }

// TxnDecoder decodes one transaction after another into the same memory. The zero TxnDecoder is
// ready.
type TxnDecoder struct {
	txn    Txn
	create CreateTxn
	set    SetDataTxn
	delete DeleteTxn
	failed ErrorTxn
}

// Clone returns a copy of a transaction and its body.
func (t *Txn) Clone() *Txn {
	kept, _ := DecodeTxn(t.Append(nil)) // it decodes what Append writes
	return kept
}

// Decode works like [DecodeTxn], but the next Decode overwrites the transaction and its body. The
// paths, data and lists of the earlier transaction stay valid.
func (m *TxnDecoder) Decode(b []byte) (*Txn, error) {
	d := decoder{rest: b}
	var h TxnHeader
	h.Type = OpCode(d.int32())
	h.Session = int64(d.uint64())
	h.Cxid = d.int32()
	h.Zxid = d.zxid()
	h.TimeMs = d.varint()
	m.txn.TxnHeader = h
	d.txn(m)
	if d.err == nil && len(d.rest) > 0 {
		d.fail("bytes follow the end of the transaction")
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode a transaction of %d bytes: at byte %d: %w: the log or "+
			"message is damaged",
			len(b), len(b)-len(d.rest), d.err)
	}
	return &m.txn, nil
}

// txn reads the body of a transaction whose header is read.
func (d *decoder) txn(m *TxnDecoder) {
	t := &m.txn
	switch t.Type {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		d.create(t.Type, &m.create)
		t.Body = &m.create
	case OpSetData:
		d.setData(&m.set)
		t.Body = &m.set
	case OpDelete, OpDeleteContainer:
		m.delete = DeleteTxn{d.text()}
		t.Body = &m.delete
	case OpError:
		m.failed = ErrorTxn{Code(d.int32())}
		t.Body = &m.failed
	case OpMulti:
		t.Body = d.multi()
	case OpCreateSession:
		t.Body = &CreateSessionTxn{d.int32()}
	case OpCloseSession:
		b := &CloseSessionTxn{}
		if n := d.count(1); n > 0 {
			b.Paths = make([]string, n)
			for i := range b.Paths {
				b.Paths[i] = d.text()
			}
		}
		t.Body = b
	default:
		t.Body = d.body(t.Type)
	}
}

// body reads the body of a transaction that may be part of a multi.
func (d *decoder) body(op OpCode) Body {
	switch op {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		b := &CreateTxn{}
		d.create(op, b)
		return b
	case OpDelete:
		return &DeleteTxn{d.text()}
	case OpSetData:
		b := &SetDataTxn{}
		d.setData(b)
		return b
	case OpSetACL:
		return &SetACLTxn{Path: d.text(), ACL: d.acl(), Version: d.int32()}
	case OpCheck:
		return &CheckVersionTxn{Path: d.text(), Version: d.int32()}
	case OpError:
		return &ErrorTxn{Code(d.int32())}
	}
	d.fail("unknown transaction type " + op.String())
	return nil
}

func (d *decoder) create(op OpCode, b *CreateTxn) {
	b.Path, b.Data, b.ACL = d.text(), d.data(), d.acl()
	switch d.byte() {
	case 0:
		b.Ephemeral = false
	case 1:
		b.Ephemeral = true
	default:
		d.fail("the flag for an ephemeral node is neither 0 nor 1")
	}
	b.ParentCVersion = d.int32()
	if b.TTL = 0; op != OpCreateTTL {
		return
	}
	if b.TTL = d.varint(); b.TTL <= 0 || b.TTL > MaxTTL {
		d.fail(fmt.Sprintf("the node's time to live is not between 1 ms and %d ms", MaxTTL))
	}
}

func (d *decoder) setData(b *SetDataTxn) {
	b.Path, b.Data, b.Version = d.text(), d.data(), d.int32()
}

func (d *decoder) multi() *MultiTxn {
	b := &MultiTxn{}
	n := d.count(2)
	if n == 0 {
		return b
	}
	b.Txns = make([]SubTxn, n)
	for i := range b.Txns {
		op := OpCode(d.int32())
		b.Txns[i] = SubTxn{op, d.body(op)}
		if d.err != nil {
			return b
		}
	}
	return b
}
