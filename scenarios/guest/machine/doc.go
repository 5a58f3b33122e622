// Package machine is what a Go server sees of its machine in the lab: a network, a disk, and the
// machine's own goroutine scheduler. The server is an ordinary Go program with goroutines, timers and
// package time, built for wasip1:
//
//	GOOS=wasip1 GOARCH=wasm go build -o server.wasm ./server
//
// Package guest runs it in a world of package sim, one instance for each machine, so that the lab
// can crash, pause (also in the middle of its code), slow or cut off the server, or make its disk
// fail. Equal seeds give equal runs, to the byte. scenarios/guest/counter is a server to copy.
//
// # Contract
//
// What the lab gives to the program:
//
//  1. Time. Package time shows the machine's own clock, which may run fast, slow, or jump (the wall
//     clock only). No time passes while the program computes: it passes while every goroutine waits.
//  2. Network. [Dial] and [Listen] give [net.Conn]s. A connection is FIFO until it breaks; after a
//     crash of one end the other end reads io.EOF, after a loss of power the other end gets no
//     sign. Each Write is one message of the world, which arrives whole. Writes never block.
//  3. Disk. [Append], [Truncate], [Rename] and [Remove] change the page cache at once. [Sync] blocks
//     until the bytes are durable, or returns the error of the disk. What was not synced may be lost,
//     in whole or in part, when the machine loses power.
//  4. Chance. math/rand, map order and select depend on the seed.
//
// What the program must do:
//
//  5. The program must get time, chance, network and files from package time, math/rand and this
//     package alone. Package os has no files there, and package net no network.
//  6. No goroutine may wait for another by spinning: no time passes meanwhile. A program that reads
//     the clock 5 million times in one step ends the run with an error.
//  7. A program that cannot continue must exit or panic, as a process does. Its machine is then
//     down.
//
// # Yields and naps
//
// A wasm program has one thread, and Go's scheduler there is a plain queue. To see other orders of
// goroutines, as with many threads, this package lets other goroutines go first by chance around its
// own calls, as often as the host says ([Yield]). A program may call [Nap] at places where a thread
// may lose its processor: it then sleeps a few milliseconds, by chance. Neither happens if the host
// does not ask for it.
package machine
