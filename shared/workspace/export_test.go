package workspace

// UsageQueries are what Usage, HeldBytes and the room for an upload ask.
var UsageQueries = []string{countersSQL}
