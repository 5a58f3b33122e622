package linearizability

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const everything = `{"schema":"zablab.history/1"}
{"node":"/app","data64":"/wA=","version":3,"creates":2}
{"client":"A","session":"0x1","op":"create","path":"/app/n-","data":"<a&é>","ephemeral":true,"sequential":true,"call":5,"return":9,"outcome":"ok","result":{"path":"/app/n-0000000002","stat":{"version":0,"czxid":"1/4","mzxid":"1/4","owner":"0x1"}},"zxid":"1/4","txn":"1/4","place":1}
{"client":"B","session":"0x2","op":"multi","ops":[{"op":"set","path":"/app","data":"x","version":3,"outcome":"failed","code":"bad version"},{"op":"check","path":"/x","outcome":"failed"}],"call":6,"return":7,"outcome":"failed","code":"bad version"}
{"client":"B","session":"0x2","op":"children","path":"/app","watch":true,"call":8,"return":11,"outcome":"ok","result":{"children":[]}}
{"client":"B","session":"0x2","op":"get","path":"/app","call":10,"outcome":"unknown"}
{"client":"ensemble","session":"0xffffffffffffffff","op":"closeSession","call":20,"return":30,"outcome":"ok","result":{"deleted":["/app/n-0000000002"]},"txn":"1/5"}
{"client":"A","session":"0x1","op":"acquire","path":"/l","call":40,"return":41,"outcome":"ok","result":{"token":7}}
{"client":"A","session":"0x1","op":"use","path":"/l","token":7,"call":42,"return":43,"outcome":"failed","code":"stale token"}
{"client":"A","session":"0x1","op":"addWatch","path":"/l","mode":"recursive","call":44,"return":45,"outcome":"ok"}
{"event":"deleted","client":"B","session":"0x2","path":"/app","at":12,"place":2,"zxid":"1/5","persistent":true}
{"event":"reconnected","client":"B","session":"0x2","at":13}
{"belief":"/leader","client":"A","from":9,"to":33}
{"belief":"/leader","client":"B","from":35}
{"access":"DB","client":"A","at":34,"token":4,"fenced":true,"accepted":false}
{"recipe":"lock","path":"/l","lease":true,"in_order":true,"fenced":"DB"}
{"recipe":"barrier","path":"/b","size":3}
{"mark":"holds","client":"A","program":1,"session":"0x1","office":"/l","path":"/l/x-n_0000000002","for":"/l/y","as":"exclusive","token":7,"size":2,"looks":9,"attends":true,"careful":true,"line":true,"byAge":true,"at":35,"place":40}
{"mark":"died","client":"A","session":"0x1","at":36,"place":41}
{"calm":33,"within":7}
{"life":"/l/x-n_0000000002","maker":"0x1","ephemeral":true,"ender":"0x1","closed":true,"born":"1/4","died":"1/5","from":9,"to":21,"made":12,"gone":30}
{"life":"/l","maker":"0x1","born":"1/3","from":8,"made":13}
`

// TestRecordOfEverything: reading and then writing is the identity, for lines of every kind and
// key.
func TestRecordOfEverything(t *testing.T) {
	r, err := ReadRecord("h", strings.NewReader(everything))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteRecord(&b, &r); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != everything {
		t.Errorf("comes back as\n%s", got)
	}
	if r.Ops[0].Data != "<a&é>" || r.Initial[0].Data != "\xff\x00" || r.Ops[4].Session != -1 ||
		r.Beliefs[1].To != Infinity {
		t.Errorf("%+v", r)
	}
}

// TestShortRecord: a record as a person writes it by hand.
func TestShortRecord(t *testing.T) {
	r, err := ReadRecord("h", strings.NewReader(`
{"client":"A","op":"create","path":"/leader","ephemeral":true,"call":0,"return":10}

{"client":"B","op":"create","path":"/leader","ephemeral":true,"call":0,"return":12,"code":"node exists","session":1}
  {"client":"C","op":"delete","path":"/leader","call":3,"zxid":4294967300}
{"op":"closeSession","session":"1","call":3,"return":5}
{"event":"created","client":"C","path":"/leader","at":9}`))
	if err != nil {
		t.Fatal(err)
	}
	o := r.Ops
	if o[0].Outcome != OK || o[0].Session != 2 || o[0].Version != AnyVersion ||
		o[1].Outcome != Failed || o[1].Session != 1 ||
		o[2].Outcome != Unknown || o[2].Zxid != 1<<32+4 || o[3].Client != "ensemble" ||
		r.Events[0].Session != o[2].Session {
		t.Errorf("%+v", r)
	}
}

func TestRecordErrors(t *testing.T) {
	good := `{"client":"A","op":"set","path":"/x","call":0,"return":10}` + "\n"
	for _, c := range []struct{ text, want string }{
		{`nonsense`,
			`h:2:2: not JSON: invalid character 'o' in literal null (expecting 'u'): write one object per line`},
		{`{"client":"A"}`,
			`h:2:1: the line has no key that says what it describes: write one of "op", "event", "belief", "access", "recipe", "mark", "life", "calm" and "node" (see go doc zablab/linearizability)`},
		{`{"client":"A",`,
			`h:2:14: not JSON: unexpected end of JSON input: write one object per line`},
		{`[1]`, `h:2:1: the line is of type array: write an object, {…}`},
		{`{"schema":"v2"}`, `h:2:2: unknown schema "v2": write "zablab.history/1"`},
		{`{"client":"A","op":"set","path":"/x","call":0,"retrun":10}`,
			`h:2:47: unknown key "retrun": see go doc zablab/linearizability`},
		{`{"client":"A","op":"set","path":"/x","call":"now"}`,
			`h:2:49: the value of "call" is of type string: write a whole number`},
		{`{"client":"A","op":"set","path":"/x","return":3}`,
			`h:2:15: no key "call": write the time of the call, in µs`},
		{`{"client":"A","op":"set","path":"/x","call":0,"outcome":"ok"}`,
			`h:2:15: an operation with the outcome ok needs the key "return": write the time of the return, in µs, or change the outcome to "unknown"`},
		{`{"op":"set","path":"/x","call":0,"return":1}`,
			`h:2:2: no key "client": write the caller's name`},
		{`{"client":"A","op":"fly","path":"/x","call":0,"return":1}`,
			`h:2:15: A: fly /x: ok: unknown kind of operation "fly": see go doc zablab/linearizability`},
		{`{"client":"A","op":"set","path":"/x","call":5,"return":1}`,
			`h:2:15: A: set /x to "": ok: the operation returns at 1, before its call at 5`},
		{`{"client":"A","op":"set","path":"/x","call":5,"zxid":"7"}`, ``},
		{`{"client":"A","op":"set","path":"/x","call":5,"zxid":"1.7"}`,
			`h:2:47: zxid "1.7": write epoch and counter, such as "1/10"`},
		{`{"client":"A","op":"set","path":"/x","call":5,"session":"me"}`,
			`h:2:47: session "me": write a number above 0, such as "0x1a"`},
		{`{"client":"A","op":"set","event":"created","path":"/x"}`,
			`h:2:26: keys "op" and "event" in one line: write two lines`},
		{`{"client":"A","event":"vanished","path":"/x","at":1}`,
			`h:2:15: unknown event "vanished": write "created", "deleted", "changed", "children", "reconnected" or "unwatched"`},
		{`{"client":"A","belief":"/l","from":5,"to":4}`,
			`h:2:38: the belief ends ("to") at 4, before it begins ("from") at 5`},
		{`{"recipe":"mutex","path":"/l"}`,
			`h:2:2: no recipe has the kind "mutex": use one of ["lock" "read-write lock" "election" "queue" "barrier"]`},
		{`{"mark":"holt","client":"A","at":1,"place":1}`,
			`h:2:2: unknown mark "holt": must be one of ["waits" "holds" "lets go" "puts" "has put" "has perhaps put" "has not put" "takes" "took" "perhaps took" "enters" "passes" "leaves" "has left" "session over" "connected" "connection lost" "died"]`},
		{`{"mark":"holds","client":"A","as":"king","at":1,"place":1}`,
			`h:2:30: "as" is "king": must be "exclusive", "shared" or "lease"`},
		{`{"calm":1,"within":0}`,
			`h:2:11: "within" is 0: must be a time above 0, in microseconds`},
		{`{"life":"/l","from":5,"made":5,"to":9}`,
			`h:2:2: "to" or "gone" is missing: a deleted node has both keys, ` +
				`an existing node has neither`},
		{`{"life":"/l","from":5,"made":5,"to":4,"gone":9}`,
			`h:2:2: node /l ends before it begins: "to" is 4, but "from" is 5`},
		{`{"node":"x"}`, `h:2:2: path "x" does not begin with /`},
		{`{"client":"A","op":"multi","call":0,"return":1,"ops":[{"op":"sync"}]}`,
			`h:2:15: A: all of: sync : ok: part 0: a sync cannot be part of a multi`},
	} {
		text, want := c.text, c.want
		_, err := ReadRecord("h", strings.NewReader(good+text))
		var where *FormatError
		switch {
		case want == "" && err == nil:
		case err == nil || err.Error() != want || !errors.As(err, &where):
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}

// TestRecordRoundTrip: random histories are the same after writing and reading.
func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := GenTold(t, rapid.IntRange(0, 12).Draw(t, "operations"), 25, 3)
		for i := range h {
			if h[i].Outcome == Unknown {
				h[i].Return = 0
			}
		}
		want := Record{Ops: h, Initial: refInitial}
		var b bytes.Buffer
		if err := WriteRecord(&b, &want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadRecord("h", &b)
		if err != nil {
			t.Fatal(err)
		}
		if len(h) > 0 && !reflect.DeepEqual(got.Ops, want.Ops) ||
			!reflect.DeepEqual(got.Initial, want.Initial) {
			t.Fatalf("got  %+v\nwant %+v", got.Ops, want.Ops)
		}
	})
}

// FuzzReadRecord: no text makes it panic, and what it reads can be written and read again.
func FuzzReadRecord(f *testing.F) {
	for _, line := range strings.SplitAfter(everything, "\n") {
		f.Add(line)
	}
	f.Add(`{"op":"closeSession","session":18446744073709551615,"call":-1,"return":0}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadRecord("h", strings.NewReader(text))
		if err != nil {
			return
		}
		if _, err := Check(r.Ops, Options{Initial: r.Initial}); err != nil {
			t.Fatalf("read, and then: %v", err)
		}
		var b, again bytes.Buffer
		if err := WriteRecord(&b, &r); err != nil {
			t.Fatal(err)
		}
		first := b.String()
		r, err = ReadRecord("h", &b)
		if err != nil {
			t.Fatalf("written, and then: %v\n%s", err, first)
		}
		if _ = WriteRecord(&again, &r); again.String() != first {
			t.Fatalf("%s\nbecomes\n%s", first, again.String())
		}
	})
}
