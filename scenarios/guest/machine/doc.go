// Package machine is what a Go server sees of its machine in the lab: a network, a disk, and the
// machine's own goroutine scheduler. The server is an ordinary Go program with goroutines, timers
// and package time, built for wasip1:
//
//	GOOS=wasip1 GOARCH=wasm go build -o server.wasm ./server
//
// Package guest runs the server in a simulated world, one instance for each machine. So the lab can
// crash, pause (also in the middle of its code), slow or cut off the server, or make its disk fail.
// Equal seeds give equal runs, to the byte. scenarios/guest/counter is an example to start from.
//
// # Contract
//
// What the lab gives to the program:
//
//  1. Time. Package time shows the machine's own clock, which may run fast, slow, or jump (the wall
//     clock only). No time passes while the program computes: it passes while every goroutine waits.
//  2. Network. [Dial] and [Listen] give [net.Conn]s. A connection is FIFO until it breaks. If the
//     process at one end crashes, the other end reads io.EOF. If the machine at one end loses
//     power, the other end is not notified. Each Write is one message of the world, which arrives
//     whole. Writes never block.
//  3. Disk. [Append], [Truncate], [Rename] and [Remove] change the page cache at once. [Sync] blocks
//     until the bytes are durable, or returns the error of the disk. What was not synced may be lost,
//     in whole or in part, when the machine loses power.
//  4. Chance. math/rand, map order and select depend on the seed.
//
// What the program must do:
//
//  5. The program must get time, chance, network and files from package time, math/rand and this
//     package alone. Package os has no files there, and package net no network.
//  6. No goroutine may wait for another in a loop that never blocks: virtual time stands still
//     during such a loop. A program that reads the clock 5 million times in one step ends the run
//     with an error.
//  7. A program that cannot continue must exit or panic, as a process does. Its machine is then
//     down.
//
// # Yields and naps
//
// A wasm program has one thread, on which Go's scheduler runs goroutines first in, first out. With
// many threads, goroutines would also run in other orders. To produce such orders, the functions of
// this package let other goroutines run first, with a probability that the host sets ([Yield]). A
// program may call [Nap] where the operating system could preempt a thread. With a second
// probability that the host sets, Nap sleeps a few milliseconds. By default, both probabilities are
// 0.
package machine
