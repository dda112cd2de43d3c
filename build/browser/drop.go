package browser

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// dropScript makes files in the page and drops them on its drop zone, with the
// events that a browser sends.
func dropScript(files map[string][]byte) string {
	encoded := make(map[string]string, len(files))
	for name, content := range files {
		encoded[name] = base64.StdEncoding.EncodeToString(content)
	}
	list, err := json.Marshal(encoded)
	if err != nil {
		panic(err) // a map of strings
	}
	return fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		for (const [name, text] of Object.entries(%s)) {
			data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
		}
		const target = document.querySelector(".drop-target");
		for (const type of ["dragenter", "dragover", "drop"]) {
			target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
		}
		return true;
	})()`, list)
}
