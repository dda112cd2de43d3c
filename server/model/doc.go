// Package model is a client of the OpenAI-compatible protocol, which OpenAI's own
// service and Ollama, llama.cpp, vLLM and others speak: chat completions that stream,
// with tools, and embeddings.
//
// It speaks the part of the protocol that all of them have, and takes from an answer
// what it knows; the library of one vendor would be many times as long, and would bind
// RET to that vendor's dialect.
//
// Nothing of an endpoint is believed. An answer is bounded in bytes and in time, in all
// and from one byte to the next; one that breaks off is an error and never a short
// answer; redirects are not followed, so that what is sent reaches the endpoint that the
// person has said yes to and no other. What an endpoint says about an error is not
// handed on: it may repeat the key or what was sent. Errors are of the few kinds below,
// each a fault.Error whose sentence a person may be shown.
//
// A Client may be used concurrently. What is under way ends soon after its context.
package model

import "errors"

// The ways in which an endpoint fails, for errors.Is.
var (
	ErrUnreachable = errors.New("endpoint not reached")          // no answer, or only that it is broken
	ErrKey         = errors.New("key not accepted")              // 401, 403
	ErrRequest     = errors.New("request not understood")        // another 4xx, or a redirect
	ErrBusy        = errors.New("endpoint busy")                 // 429, also after waiting
	ErrSlow        = errors.New("endpoint too slow")             // nothing came for too long, or it took too long in all
	ErrBroken      = errors.New("answer not of the protocol")    // no JSON, another shape, broken off
	ErrTooLong     = errors.New("answer too long")               // over Limits.Bytes
	ErrRefused     = errors.New("model refused or was filtered") // a refusal in the answer's own field
)
