// Command xmlwasm converts flat records in memory, with the engine and by hand,
// turn by turn, and prints the megabytes a second of each. It is built for
// js/wasm and run by bench, in Node.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"ret/build/workload"
)

const (
	documentBytes = 8 << 20
	rounds        = 5
)

func main() {
	document := workload.Flat.Document(documentBytes)
	engine, byHand, err := measure(document)
	if err != nil {
		fmt.Fprintln(os.Stderr, "xmlwasm:", err)
		os.Exit(1)
	}
	fmt.Println(engine, byHand)
}

// measure takes the best of the rounds, the first of which compiles.
func measure(document []byte) (engine, byHand float64, err error) {
	in := workload.Input(document)
	for range rounds {
		start := time.Now()
		if _, err := workload.Convert(context.Background(), in); err != nil {
			return 0, 0, err
		}
		engine = max(engine, perSecond(len(document), start))
		start = time.Now()
		if _, err := workload.Flat.ConvertByHand(bytes.NewReader(document)); err != nil {
			return 0, 0, err
		}
		byHand = max(byHand, perSecond(len(document), start))
	}
	return engine, byHand, nil
}

// perSecond is in megabytes.
func perSecond(size int, start time.Time) float64 {
	return float64(size) / 1e6 / time.Since(start).Seconds()
}
