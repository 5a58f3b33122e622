package apache

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// jar is where Debian's package zookeeper has the server. Its manifest names the other jars.
const jar = "/usr/share/java/zookeeper.jar"

// ErrMissing is under every error that says that Apache ZooKeeper, or Java, is not installed.
var ErrMissing = errors.New("apt-get install zookeeper default-jre-headless")

// Install is what runs a server.
type Install struct {
	Java string // the java command
	Jar  string // the server's
}

// Find looks for Apache ZooKeeper and Java. Its errors wrap [ErrMissing] and name the remedy.
func Find() (Install, error) {
	if runtime.GOOS != "linux" {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: its processes are looked after on Linux only, and this is %s: "+
			"use --connect, or on Debian %w", runtime.GOOS, ErrMissing)
	}
	if _, err := os.Stat(jar); err != nil {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: %s is not there: %w", jar, ErrMissing)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: there is no java command: %w", ErrMissing)
	}
	return Install{java, jar}, nil
}
