package learn

import "testing"

func TestPlainly(t *testing.T) {
	for text, want := range map[string]string{
		"stale token: store accepted token 4294967299 of B at 5000000 µs, after token 4294967301 of A at 3824735 µs": "stale token: store accepted token 1/3 of B at 5.000s, after token 1/5 of A at 3.824s",
		"safety: NoEarlyExpiry broken at step 825, t=5.015484s: S3 expires session 1 after 191691us of silence":      "S3 expires session 1 after 0.191s of silence",
		"    A->>ZK: get /guarded/7066e6a552a6f822-n_0000000010 (watch)":                                             "    A->>ZK: get /guarded/7066…-n_10 (watch)",
		"create /guarded/b949f411264cbf7b-n_ (ephemeral, sequential)":                                                "create /guarded/b949…-n_ (ephemeral, sequential)",
		"node a255b1e6671abe8c-w0000000003, token 72059056045862913":                                                 "node a255…-w3, token 72059056045862913",
		"/guarded/b949f411264cbf7b-n_0000000000":                                                                     "/guarded/b949…-n_0",
		"D holds /lock from 10.862623s on with node 427a2be0f360877b-0000000015":                                     "D holds /lock from 10.862s on with node 427a…-15",
		"token 7, 12 bus stops and 3us":                                                                              "token 7, 12 bus stops and 0.000s",
	} {
		if got := plainly(text); got != want {
			t.Errorf("%q is told as %q, want %q", text, got, want)
		}
	}
}
