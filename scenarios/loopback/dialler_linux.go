package loopback

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// dialler returns which of the processes has dialled a connection of this machine that was
// accepted; -1 if none has. /proc/net/tcp lists the sockets with their inodes, and the folder fd of
// a process the inodes that it has open (proc_pid_net(5), proc_pid_fd(5)).
func dialler(c net.Conn, pids []int) int {
	far, ok := c.RemoteAddr().(*net.TCPAddr)
	near, here := c.LocalAddr().(*net.TCPAddr)
	if !ok || !here {
		return -1
	}
	inode := inodeOf(far.Port, near.Port)
	if inode == "" {
		return -1
	}
	want := "socket:[" + inode + "]"
	for i, pid := range pids {
		if pid == 0 {
			continue
		}
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, name := range files {
			if to, err := os.Readlink(name); err == nil && to == want {
				return i
			}
		}
	}
	return -1
}

// inodeOf returns the inode of the socket with these ports of 127.0.0.1; empty if there is none.
func inodeOf(local, remote int) string {
	file, err := os.Open("/proc/net/tcp")
	if err != nil {
		return ""
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	for in.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		f := strings.Fields(in.Text())
		if len(f) > 9 && portOf(f[1]) == local && portOf(f[2]) == remote && f[9] != "0" {
			return f[9]
		}
	}
	return ""
}

// portOf returns the port of an address such as 0100007F:1F90; -1 without one.
func portOf(address string) int {
	_, port, _ := strings.Cut(address, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
