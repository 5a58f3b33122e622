// Package etcd runs a private cluster of etcd on loopback (Debian's package etcd-server, release
// 3.4), and plays ZooKeeper's documents on it.
package etcd
