package main

import (
	"net"
	"time"

	metrics "github.com/hashicorp/go-metrics"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// layer is the raft.StreamLayer of a machine.
type layer struct{ net.Listener }

func (layer) Dial(to raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	return machine.Dial(string(to), contract.PortPeers, timeout)
}

// metricsSink discards what raft measures. Whenever a thread of raft reports, it may lose its
// processor: it naps where a loop begins or ends its work (saturation), and yields elsewhere.
type metricsSink struct{ metrics.BlackholeSink }

func (*metricsSink) report(key []string) {
	if len(key) > 0 && key[len(key)-1] == "saturation" {
		machine.Nap()
	} else {
		machine.Yield()
	}
}

func (s *metricsSink) SetGauge(key []string, _ float32)    { s.report(key) }
func (s *metricsSink) IncrCounter(key []string, _ float32) { s.report(key) }
func (s *metricsSink) AddSample(key []string, _ float32)   { s.report(key) }

func (s *metricsSink) SetGaugeWithLabels(key []string, _ float32, _ []metrics.Label) {
	s.report(key)
}

func (s *metricsSink) IncrCounterWithLabels(key []string, _ float32, _ []metrics.Label) {
	s.report(key)
}

func (s *metricsSink) AddSampleWithLabels(key []string, _ float32, _ []metrics.Label) {
	s.report(key)
}

// watchMetrics installs the sink, if the machine has yields or naps.
func watchMetrics() {
	if !machine.Restless() {
		return
	}
	c := metrics.DefaultConfig("raft")
	c.EnableRuntimeMetrics, c.EnableHostname = false, false
	_, _ = metrics.NewGlobal(c, &metricsSink{}) // it never fails
}
