package apache

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// jar is the server's jar in Debian's package zookeeper. Its manifest names the other jars.
const jar = "/usr/share/java/zookeeper.jar"

// ErrMissing is wrapped by every error about a missing Apache ZooKeeper or Java. Its text says
// how to install both on Debian.
var ErrMissing = errors.New("install Apache ZooKeeper and Java with " +
	"apt-get install zookeeper default-jre-headless")

// Install has the paths of the files that run a server.
type Install struct {
	Java string // the command java
	Jar  string // zookeeper.jar
}

// Find looks for Apache ZooKeeper and Java. On Linux its errors wrap [ErrMissing].
func Find() (Install, error) {
	if runtime.GOOS != "linux" {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: supported on Linux only, "+
			"not on %s: use --connect to play on servers that already run", runtime.GOOS)
	}
	if _, err := os.Stat(jar); err != nil {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: %s is missing: %w", jar, ErrMissing)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return Install{}, fmt.Errorf("start Apache ZooKeeper: java is not on the PATH: %w",
			ErrMissing)
	}
	return Install{java, jar}, nil
}
