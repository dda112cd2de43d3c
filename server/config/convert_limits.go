package config

import (
	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// ConvertLimits are the settings that bound a conversion, with a server or without.
func (c Config) ConvertLimits() convert.Limits {
	return convert.Limits{
		Archive:  archive.Limits{Files: c.MaxArchiveFiles, Depth: c.MaxArchiveDepth, Ratio: c.MaxArchiveRatio},
		Document: xmltable.Limits{Columns: c.MaxColumns, OutputRatio: c.MaxOutputRatio},
	}
}
