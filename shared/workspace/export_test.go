package workspace

// UsageQueries are what Usage, HeldBytes and the room for an upload ask.
var UsageQueries = []string{countersSQL, heldSQL}

// ExportQueries are what EachManifest asks for every step.
var ExportQueries = []string{jobAfterSQL, filesLastConvertedSQL, manifestsSQL, tablesBetweenSQL}
