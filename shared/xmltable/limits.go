package xmltable

// DefaultMaxRepeat is how often a child may repeat in a row and still be columns, where
// nobody chose.
const DefaultMaxRepeat = 8

// The other defaults of docs/flattening.md.
const (
	gatheredValues     = 2  // largest values that the mixed contents of a row may come to
	besidesValue       = 16 // what a row may hold beside a value of the largest size is 1/16 of that
	namesForEachColumn = 32 // different names in a document, over the limit of columns
	defaultColumns     = 16384
	columnNamesBytes   = 64 << 20 // names and exact paths of all columns of a document
	entityRatio        = 100      // what entities may expand to, over the document's size
)

func (l Limits) withDefaults() Limits {
	def(&l.Depth, 1000)
	def(&l.NameBytes, 64<<10)
	def(&l.ValueBytes, 64<<20)
	def(&l.Columns, defaultColumns)
	def(&l.EntityDepth, 20)
	def(&l.EntityBytes, 8<<20)
	def(&l.OutputRatio, 100)
	def(&l.OutputFloorBytes, 1<<30)
	return l
}

func def[N byte | int | int64](n *N, value N) {
	if *n == 0 {
		*n = value
	}
}

// rowBytes is how much all values of one row may hold: one of the largest size
// and something beside it.
func (l Limits) rowBytes() int { return l.ValueBytes + l.ValueBytes/besidesValue }

// gatheredBytes is how much the whole texts and the markup of a row's mixed
// elements may come to, which hold its values again.
func (l Limits) gatheredBytes() int { return gatheredValues * l.rowBytes() }
