// Package words answers ZooKeeper's four-letter words, such as ruok and srvr, for a simulated and for
// a real server.
//
// # Contract
//
//  1. The answers have ZooKeeper's format (org.apache.zookeeper.server.command): monitoring tools read
//     them.
//  2. [Answer] says nothing of a server that is down. While a server is not part of a quorum, most
//     words get ZooKeeper's sentence for that.
//  3. What the owner of a server does not measure is left out of the answer, never a zero.
package words
