package converter

import (
	"ret/shared/convert"
)

// manifest is OUT/manifest.json on its way.
type manifest struct {
	file *tempFile
	w    *convert.ManifestWriter
}

func beginManifest(out *output) (*manifest, error) {
	f, err := out.create()
	if err != nil {
		return nil, err
	}
	return &manifest{f, convert.NewManifestWriter(f)}, nil
}

func (m *manifest) add(r convert.Result) error { return m.w.Add(r) }

func (m *manifest) publish() error {
	if err := m.w.Close(); err != nil {
		return err
	}
	if err := m.file.finish(); err != nil {
		return err
	}
	return m.file.publish("manifest.json")
}
