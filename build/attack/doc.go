// Package attack attacks the built server from outside: bombs in time, memory and
// descriptors, slow and half requests, quotas passed in parallel, faults of disk.
//
// While an attack runs, someone else works in a session of their own. Every attack
// ends within attackTime and attackMemory, and nobody else waits meanwhile: besiege
// holds each test to that. To add one, start a server, sign attackers in and call
// besiege with what they do.
package attack
