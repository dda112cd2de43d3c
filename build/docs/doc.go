// Package docs holds the tests that keep documentation true: the quick start is
// run command by command, the page about the databases is compared with them, and
// links lead somewhere.
package docs
