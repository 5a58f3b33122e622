package loopback

import (
	"errors"
	"net"
	"strconv"
	"syscall"
)

// On Linux, a server with the option SO_REUSEADDR can listen on a port to which another socket is
// bound, if that socket has the option too and does not listen; a socket without the option cannot
// be bound there (socket(7)). Servers have the option: Java and Go set it. So a port is reserved by
// a bound socket with the option, and the lab's own listeners have none.

// exclusive takes the option SO_REUSEADDR from a socket that is not bound yet.
func exclusive(_, _ string, c syscall.RawConn) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) { err = reuse(int(fd), 0) }), err)
}

func reuse(fd, on int) error {
	return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, on)
}

// holder is a socket that reserves a port.
type holder struct{ fd, port int }

func (h holder) Close() error { return syscall.Close(h.fd) }

// hold reserves the port of an address.
func hold(address string) (holder, error) {
	_, text, _ := net.SplitHostPort(address)
	port, err := strconv.Atoi(text)
	if err != nil {
		return holder{}, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return holder{}, err
	}
	h := holder{fd, port}
	err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err == nil {
		err = reuse(fd, 1)
	}
	if err != nil {
		_ = h.Close()
	}
	return h, err
}
