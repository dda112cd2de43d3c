package xmltable

// The defaults of docs/flattening.md.
const (
	defaultMaxRepeat   = 8
	gatheredValues     = 4   // largest values that the mixed contents of a row may come to
	namesForEachColumn = 32  // different names in a document, over the limit of columns
	entityRatio        = 100 // what entities may expand to, over the document's size
)

func (l Limits) withDefaults() Limits {
	def(&l.Depth, 1000)
	def(&l.NameBytes, 64<<10)
	def(&l.ValueBytes, 64<<20)
	def(&l.Columns, 16384)
	def(&l.EntityDepth, 20)
	def(&l.EntityBytes, 8<<20)
	def(&l.OutputRatio, 100)
	def(&l.OutputFloorBytes, 1<<30)
	return l
}

func def[N int | int64](n *N, value N) {
	if *n == 0 {
		*n = value
	}
}
