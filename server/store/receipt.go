package store

import "ret/shared/sqlite"

// AppendReceipt keeps a receipt as the last one.
func AppendReceipt(c *sqlite.Conn, text []byte) error {
	_, err := c.Exec("INSERT INTO receipt (text) VALUES (?)", string(text))
	return err
}

// LastReceipt is the one that was kept last, or sqlite.ErrNoRows.
func LastReceipt(c *sqlite.Conn) ([]byte, error) {
	var text string
	if err := c.QueryRow("SELECT text FROM receipt ORDER BY seq DESC LIMIT 1", nil, &text); err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// EachReceipt calls each with all receipts in their order.
func EachReceipt(c *sqlite.Conn, each func(text []byte) error) error {
	for row, err := range c.Query("SELECT text FROM receipt ORDER BY seq") {
		if err != nil {
			return err
		}
		if err := each([]byte(row.Text(0))); err != nil {
			return err
		}
	}
	return nil
}
