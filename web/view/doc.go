// Package view reads a workspace into the view models of web/page. The server
// does so for pages and for live fragments, the browser's worker from its
// replica, so that all of them show the same.
//
// Every function reads a number of queries that does not grow with what the
// workspace holds, and returns fault errors as workspace does. What only the
// server knows (who is signed in, the upload limit, samples of a rate) is left
// to the caller. Functions hold no state and may be used concurrently.
//
// A page's content and its cursor are not of one snapshot: read Live before the
// content, so that a change in between is heard of again rather than missed.
// Fragments may be applied twice.
package view
