// Package files keeps the bytes of sessions on disk: one folder a session, with
// input (uploads), partial (uploads that come in pieces and are not whole),
// output (tables), extracted (scratch of running jobs) and index (views of tables, which
// can be made again) in it, and the session's database beside them.
//
// Every name on disk is generated here, but for a partial upload's, which is its
// id once that is found to be a UUID; what a client calls a file lies in the
// database alone. All access goes through os.Root, so no name, however made,
// leads out of a session's folder. A blob is there under its name only once it
// is complete and synced: until then it is a ".part" that Sweep removes.
//
// Removing a session is one rename into the trash, after which nothing can be
// opened any more, and then unlinking, which Trash does on its own time.
//
// Everything here may be used concurrently. A full disk is fault.NoSpace.
package files
