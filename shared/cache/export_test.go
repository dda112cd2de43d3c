package cache

// Matches gives the matcher to the tests.
var Matches = matches
