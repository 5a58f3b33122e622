// Package serve implements zablab serve, which serves real clients on a simulated ensemble, and the
// part of zablab replay that plays a recorded session again.
//
// serve.go has the command, prompt.go reads faults and questions from standard input, and
// session.go prints a session and its checks.
package serve
