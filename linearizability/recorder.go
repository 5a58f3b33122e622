package linearizability

import "sync"

// Recorder records what the clients of your own system do, for [Check]. Goroutines may share a
// Recorder.
type Recorder struct {
	now func() int64

	mu  sync.Mutex
	ops History
}

// NewRecorder returns a recorder. For the time, the recorder calls the function now, a clock that
// all clients share and that never goes back. Any unit of time works for the checks, but messages
// print the times as microseconds.
func NewRecorder(now func() int64) *Recorder { return &Recorder{now: now} }

// Begin records an operation that is about to be called, with its Client, Kind, Path and other
// arguments. The operation needs a Session only for locks and ephemeral nodes.
func (r *Recorder) Begin(op Operation) *Pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	op.Call, op.Return, op.Outcome = r.now(), 0, Unknown
	r.ops = append(r.ops, op)
	return &Pending{r, len(r.ops) - 1}
}

// History returns the operations recorded so far. The outcome of an operation that has not ended is
// [Unknown].
func (r *Recorder) History() History {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(History(nil), r.ops...)
}

// Pending is an operation in progress. When the answer comes, call OK or Failed, once. If the
// connection breaks first, call neither: the outcome then is unknown.
type Pending struct {
	r *Recorder
	i int
}

// OK records that the operation succeeded, with its result; z is the zxid of the reply, or 0.
func (p *Pending) OK(result Result, z Zxid) { p.end(OK, "", result, z) }

// Failed records that the operation certainly changed nothing, and why.
func (p *Pending) Failed(code Code, z Zxid) { p.end(Failed, code, Result{}, z) }

func (p *Pending) end(o Outcome, code Code, result Result, z Zxid) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	op := &p.r.ops[p.i]
	op.Return, op.Outcome, op.Code, op.Result, op.Zxid = p.r.now(), o, code, result, z
	for k := range op.Ops {
		op.Ops[k].Outcome = o
	}
}
