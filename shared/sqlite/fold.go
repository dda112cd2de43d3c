package sqlite

import (
	"github.com/ncruces/go-sqlite3"

	"ret/shared/fold"
)

// addFold gives SQL the function fold(text), which is fold.String; NULL stays NULL.
func addFold(raw *sqlite3.Conn) error {
	return raw.CreateFunction("fold", 1, sqlite3.DETERMINISTIC|sqlite3.INNOCUOUS, func(ctx sqlite3.Context, arg ...sqlite3.Value) {
		if arg[0].Type() == sqlite3.NULL {
			ctx.ResultNull()
			return
		}
		ctx.ResultText(fold.String(arg[0].Text()))
	})
}
