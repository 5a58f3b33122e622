package conformance_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/conformance"
	"github.com/zablab/zablab/scenarios/diagram"
)

func read(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/zookeeper-3.8.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCorpus replays the recording of Apache ZooKeeper 3.8.0 (testdata/README.md) on the simulated
// server. Each step must have the same error, zxid, result and events.
func TestCorpus(t *testing.T) {
	r, err := conformance.Read("zookeeper-3.8.0.jsonl", bytes.NewReader(read(t)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Replay(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range got.Differences {
		t.Errorf("%s/%d %s %s: %s is %s, want %s",
			d.Seq, d.N, d.Op, d.Path, d.What, d.Ours, d.Recorded)
	}
	for _, s := range got.Skipped {
		t.Logf("skipped %s/%d %s %s: %s", s.Seq, s.N, s.Op, s.Path, s.Why)
	}
	if got.Sequences != 49 || got.Steps != 537 || got.Held != 537 || len(got.Skipped) != 0 {
		t.Errorf("%d sequences with %d steps, %d held, %d skipped; want 49 with 537, 537 and 0",
			got.Sequences, got.Steps, got.Held, len(got.Skipped))
	}
}

// TestDifferences: Replay reports a changed answer of the recording, and nothing else.
func TestDifferences(t *testing.T) {
	for _, x := range []struct{ old, new, what string }{
		{`"path":"/q/n-0000000001"}`, `"path":"/q/n-0000000002"}`, "result"},
		{`"err":-103,"errName":"BadVersion","zxid":5`,
			`"err":-101,"errName":"NoNode","zxid":5`, "err"},
		{`"cversion":5,"czxid":3`, `"cversion":6,"czxid":3`, "result"},
		{`"NodeChildrenChanged /w state=3`, `"NodeDeleted /w state=3`, "events"},
		{`"errName":"Ok","zxid":2,"res":{"path":"/a"}}`,
			`"errName":"Ok","zxid":3,"res":{"path":"/a"}}`, "zxid"},
	} {
		text := strings.Replace(string(read(t)), x.old, x.new, 1)
		if text == string(read(t)) {
			t.Fatalf("the recording does not contain %s", x.old)
		}
		r, err := conformance.Read("changed.jsonl", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Replay(true)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Differences) != 1 || got.Differences[0].What != x.what {
			t.Errorf("%s instead of %s: differences %v, want one of %s",
				x.new, x.old, got.Differences, x.what)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"", "the recording has no steps"},
		{"{", "unexpected end"},
		{`{"n":1,"op":"exists"}`, `the key "seq" is missing`},
		{`{"seq":"a","n":1,"sess":"s1","op":"frobnicate"}`, `unknown operation "frobnicate"`},
		{`{"seq":"a","n":1,"sess":"s1","op":"exists","args":{"path":"/"}}`,
			"session s1 is not connected"},
		{`{"seq":"a","n":1,"sess":"s1","op":"exists","args":{"path":5}}`,
			"cannot unmarshal number"},
		{`{"seq":"a","n":1,"sess":"s1","op":"create","args":{"acl":"mine"}}`, "write a list"},
		{`{"seq":"a","n":1,"sess":"s1","op":"create","args":{"data":"base64:!"}}`,
			"illegal base64"},
	} {
		_, err := conformance.Read("x.jsonl", strings.NewReader(x.text))
		var place *diagram.Error
		if !errors.As(err, &place) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s gives %v, want %s", x.text, err, x.want)
		}
	}
}
