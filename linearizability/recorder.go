package linearizability

import "sync"

// Recorder writes down what the clients of a system of yours do, for the judges. Any number of
// goroutines may use one.
type Recorder struct {
	now func() int64

	mu  sync.Mutex
	ops History
}

// NewRecorder takes the clock that all the clients share: it must never go back. Microseconds are
// what the judges' words say, but any unit will do.
func NewRecorder(now func() int64) *Recorder { return &Recorder{now: now} }

// Begin notes an operation that is about to be called: its Client, Kind, Path and whatever else it
// asks for. A client that is one session needs no Session for what it does to plain nodes.
func (r *Recorder) Begin(op Operation) *Pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	op.Call, op.Return, op.Outcome = r.now(), 0, Unknown
	r.ops = append(r.ops, op)
	return &Pending{r, len(r.ops) - 1}
}

// History is what has been noted so far. What has not ended is unknown.
func (r *Recorder) History() History {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(History(nil), r.ops...)
}

// Pending is an operation under way. End it once; one that never ends stays unknown, as does one
// whose connection broke: leave it.
type Pending struct {
	r *Recorder
	i int
}

// OK notes that it went well and what it brought back; z is the zxid of the reply, or 0.
func (p *Pending) OK(result Result, z Zxid) { p.end(OK, "", result, z) }

// Failed notes that it certainly changed nothing, and why.
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
