// Package system drives the whole of RET from outside, as the contract describes
// it: the real binary over HTTP, the live channel and the command line. It knows
// none of RET's packages. RET_SOAK=1 runs the long forms of its tests.
package system
