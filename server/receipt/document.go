package receipt

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
)

// Check verifies a document: one receipt, the answer to a sign-out ({"receipts":
// [...]}), or the log, a receipt a line, which must be whole from its first on. It
// returns how many receipts it holds.
func Check(document []byte, key ed25519.PublicKey) (n int, err error) {
	texts, whole, err := split(document)
	if err != nil {
		return 0, err
	}
	list := make([]Receipt, 0, len(texts))
	for _, text := range texts {
		r, err := Parse(text)
		if err != nil {
			return 0, err
		}
		list = append(list, r)
	}
	if whole {
		return len(list), VerifyChain(list, key)
	}
	for _, r := range list {
		if err := Verify(r, key); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// split takes a document apart; whole says that it is the log.
func split(document []byte) (texts []json.RawMessage, whole bool, err error) {
	d := json.NewDecoder(bytes.NewReader(document))
	for d.More() {
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			return nil, false, ErrNotReceipt
		}
		texts = append(texts, text)
	}
	switch len(texts) {
	case 0:
		return nil, false, ErrNotReceipt
	case 1:
		return splitAnswer(texts)
	default:
		return texts, true, nil
	}
}

// splitAnswer takes the answer to a sign-out apart, if it is one: nothing but its
// receipts may stand in it.
func splitAnswer(texts []json.RawMessage) ([]json.RawMessage, bool, error) {
	var answer map[string]json.RawMessage
	if json.Unmarshal(texts[0], &answer) != nil {
		return nil, false, ErrNotReceipt
	}
	list, ok := answer["receipts"]
	if !ok {
		return texts, false, nil
	}
	var receipts []json.RawMessage
	if len(answer) != 1 || json.Unmarshal(list, &receipts) != nil || len(receipts) == 0 {
		return nil, false, ErrNotReceipt
	}
	return receipts, false, nil
}
