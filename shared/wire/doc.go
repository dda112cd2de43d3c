// Package wire is what the two ends of the live channel agree on: the frames,
// their JSON and their limits.
//
// A frame is one JSON object in one text message, with "type" first among what
// matters. Encode writes it; DecodeClient and DecodeServer read what the other
// end may send and refuse everything else with a fault.Invalid error, whose
// sentence may be told to the other end. A field that is not known is passed
// over, so that either end may be newer; a known one that is missing, of the
// wrong type or out of range is refused, and so are duplicates and names that
// differ in case.
//
// testdata holds the vectors: every kind of frame with its exact meaning, and
// what must be refused. Another implementation is right if it agrees with them.
//
// Functions hold no state and may be used concurrently.
package wire
