// Package account decides what the name and password of a person are good for.
//
// It promises:
//   - Guessing is bounded. Before a password is looked at, the try is counted
//     in the database, in one transaction: per address in a sliding window,
//     and per name and address for the lockout. So neither a restart, nor
//     many tries at once, nor a flood of other addresses lets one more through.
//     A try that is given up before its password was looked at is given back.
//   - A clock that is set back makes nobody wait longer than a whole lockout or
//     window: what is stored ahead of now counts as of now.
//     If the database fails, nobody signs in.
//   - Names cannot be found out. An unknown name, a locked account and a wrong
//     password take the same time and get the same answer, and unknown names
//     are locked out alike.
//   - There is always an admin who can sign in: the last one can be neither
//     removed, nor locked, nor demoted.
//   - A changed password, a lock and a removal end the user's sessions in the
//     same transaction, in whichever process it happens.
//   - Every change and every sign-in leaves a line in the audit trail, without
//     secrets.
//
// Accounts may be used by any number of goroutines, and from several processes
// over the same database.
package account
