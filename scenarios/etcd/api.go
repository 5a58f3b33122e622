package etcd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// The messages of etcd's JSON gateway, as far as the lab uses them (etcdserverpb/rpc.proto,
// mvccpb/kv.proto of v3.4). Numbers of 64 bits are strings in JSON, and bytes are base64.
type (
	header struct {
		Member   uint64 `json:"member_id,string"`
		Revision int64  `json:"revision,string"`
		Term     uint64 `json:"raft_term,string"`
	}
	keyValue struct {
		Key     []byte `json:"key"`
		Create  int64  `json:"create_revision,string"`
		Mod     int64  `json:"mod_revision,string"`
		Version int64  `json:"version,string"`
		Value   []byte `json:"value"`
		Lease   int64  `json:"lease,string"`
	}
	rangeRequest struct {
		Key      []byte `json:"key"`
		End      []byte `json:"range_end,omitempty"`
		Limit    int64  `json:"limit,omitempty,string"`
		KeysOnly bool   `json:"keys_only,omitempty"`
	}
	rangeResponse struct {
		Header header     `json:"header"`
		KVs    []keyValue `json:"kvs"`
	}
	putRequest struct {
		Key         []byte `json:"key"`
		Value       []byte `json:"value"`
		Lease       int64  `json:"lease,omitempty,string"`
		IgnoreLease bool   `json:"ignore_lease,omitempty"`
	}
	deleteRequest struct {
		Key []byte `json:"key"`
		End []byte `json:"range_end,omitempty"`
	}
	requestOp struct {
		Range  *rangeRequest  `json:"request_range,omitempty"`
		Put    *putRequest    `json:"request_put,omitempty"`
		Delete *deleteRequest `json:"request_delete_range,omitempty"`
	}
	responseOp struct {
		Range *rangeResponse `json:"response_range"`
	}
	compare struct {
		Key     []byte `json:"key"`
		End     []byte `json:"range_end,omitempty"`
		Target  string `json:"target"`
		Result  string `json:"result"`
		Version *int64 `json:"version,omitempty,string"`
		Create  *int64 `json:"create_revision,omitempty,string"`
		Mod     *int64 `json:"mod_revision,omitempty,string"`
		Lease   *int64 `json:"lease,omitempty,string"`
	}
	txnRequest struct {
		Compare []compare   `json:"compare,omitempty"`
		Success []requestOp `json:"success,omitempty"`
		Failure []requestOp `json:"failure,omitempty"`
	}
	txnResponse struct {
		Header    header       `json:"header"`
		Succeeded bool         `json:"succeeded"`
		Responses []responseOp `json:"responses"`
	}
	leaseRequest struct {
		ID  int64 `json:"ID,omitempty,string"`
		TTL int64 `json:"TTL,omitempty,string"`
	}
	leaseResponse struct {
		Header header `json:"header"`
		ID     int64  `json:"ID,string"`
		TTL    int64  `json:"TTL,string"`
	}
	keepAlive struct {
		Result leaseResponse `json:"result"`
	}
	statusResponse struct {
		Header header `json:"header"`
		Leader uint64 `json:"leader,string"`
	}
	memberInfo struct {
		ID    uint64   `json:"ID,string"`
		Peers []string `json:"peerURLs"`
	}
	memberList struct {
		Members []memberInfo `json:"members"`
	}
	memberRemove struct {
		ID uint64 `json:"ID,string"`
	}
	memberAdd struct {
		Peers []string `json:"peerURLs"`
	}
	moveRequest struct {
		Target uint64 `json:"targetID,string"`
	}
	event struct {
		Type string   `json:"type"` // DELETE; a put has none
		KV   keyValue `json:"kv"`
		Prev keyValue `json:"prev_kv"`
	}
	watchCreate struct {
		Key   []byte `json:"key"`
		End   []byte `json:"range_end"`
		Start int64  `json:"start_revision,string"`
		Prev  bool   `json:"prev_kv,omitempty"`
	}
	watchRequest struct {
		Create watchCreate `json:"create_request"`
	}
	watchResponse struct {
		Header   header  `json:"header"`
		Canceled bool    `json:"canceled"`
		Events   []event `json:"events"`
	}
	watchMessage struct {
		Result watchResponse `json:"result"`
		Error  *refusal      `json:"error"`
	}
)

// The calls of the gateway, with the paths of the protocol's release 3.4.
const (
	callRange     = "/v3/kv/range"
	callTxn       = "/v3/kv/txn"
	callGrant     = "/v3/lease/grant"
	callRevoke    = "/v3/lease/revoke"
	callKeepAlive = "/v3/lease/keepalive"
	callStatus    = "/v3/maintenance/status"
	callMove      = "/v3/maintenance/transfer-leadership"
	callList      = "/v3/cluster/member/list"
	callRemove    = "/v3/cluster/member/remove"
	callAdd       = "/v3/cluster/member/add"
	callWatch     = "/v3/watch"
)

// refusal is an error that a server has answered. Code is gRPC's.
type refusal struct {
	Code    int    `json:"code"`
	GRPC    int    `json:"grpc_code"` // within a stream
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Message }

// unavailable is gRPC's code for what may have happened or not: the server has no leader, or has
// got no answer in time (rpctypes/error.go).
const unavailable = 14

// notFound and leaseGone are how etcd refuses a write under a lease that is over
// (rpctypes/error.go, ErrGRPCLeaseNotFound).
const (
	notFound  = 5
	leaseGone = "requested lease not found"
)

func (r *refusal) code() int { return max(r.Code, r.GRPC) }

// gone reports whether an error says that the lease is over.
func gone(err error) bool {
	var r *refusal
	return errors.As(err, &r) && strings.Contains(r.Message, leaseGone)
}

// unsent is the error of a request that has certainly not left.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

// longestAnswer is in bytes, far above what a lab's cluster holds.
const longestAnswer = 16 << 20

// post calls a server, and decodes its answer into out. It returns an unsent for a request that has
// not left, and a *refusal for an error that the server has answered. After any other error, the
// server may have done what was asked.
func post(ctx context.Context, c *http.Client, base, call string, in, out any) error {
	answer, err := open(ctx, c, base, call, in)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return refused(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	return nil
}

// open sends a request, and returns when the head of the answer has come.
func open(ctx context.Context, c *http.Client, base, call string, in any) (*http.Response, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, unsent{err}
	}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { wrote.Store(true) },
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+base+call,
		bytes.NewReader(body))
	if err != nil {
		return nil, unsent{err}
	}
	answer, err := c.Do(r)
	if err != nil && !wrote.Load() {
		return nil, unsent{err}
	}
	return answer, err
}

func refused(status int, text []byte) error {
	r := new(refusal)
	if err := json.Unmarshal(text, r); err != nil || r.Message == "" {
		return fmt.Errorf("the server answered %d", status)
	}
	return r
}

// stream opens a watch, and calls take for every message until the stream breaks.
func stream(ctx context.Context, c *http.Client, base string, w watchCreate,
	take func(*watchResponse) bool) error {
	answer, err := open(ctx, c, base, callWatch, watchRequest{w})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	in := json.NewDecoder(answer.Body)
	for {
		var m watchMessage
		switch err := in.Decode(&m); {
		case err != nil:
			return err
		case m.Error != nil:
			return m.Error
		case m.Result.Canceled:
			return errors.New("the server cancelled the watch")
		case !take(&m.Result):
			return nil
		}
	}
}
