package xmltable

// shortBytes is how much appendShort moves at most without a call.
const shortBytes = 32

// appendShort is append for what is mostly short: it moves 16 or 32 bytes without a
// call or a loop if src and dst have as much room, and what is moved too much is
// written over by the next.
func appendShort(dst, src []byte) []byte {
	n := len(dst)
	if len(src) > shortBytes || cap(src) < shortBytes || cap(dst)-n < shortBytes {
		return append(dst, src...)
	}
	from, to := src[:shortBytes], dst[n:n+shortBytes]
	store(to, 0, load(from, 0))
	store(to, 8, load(from, 8))
	if len(src) > shortBytes/2 {
		store(to, 16, load(from, 16))
		store(to, 24, load(from, 24))
	}
	return dst[:n+len(src)]
}
