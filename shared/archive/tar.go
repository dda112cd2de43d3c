package archive

import (
	"archive/tar"
	"errors"
	"io"

	"ret/shared/fault"
)

// tarMembers reads the headers of a tar. With an error it returns the members
// before it too.
func (l *lister) tarMembers(content io.ReaderAt, size int64) (members []member, err error) {
	at := io.NewSectionReader(content, 0, size)
	r := tar.NewReader(at)
	for {
		if err := l.ctx.Err(); err != nil {
			return members, err
		}
		if len(members) > 2*l.limits.Files+10_000 {
			return members, fault.New(fault.TooLarge, "The archive holds far more than %d files. Split it.", l.limits.Files)
		}
		h, err := r.Next()
		switch {
		case err == io.EOF:
			return members, nil
		case errors.Is(err, tar.ErrInsecurePath):
		case err != nil:
			return members, fault.Wrap(fault.Invalid, err, "The archive is damaged or cut off. What lies behind the damage could not be read.")
		}
		off, err := at.Seek(0, io.SeekCurrent)
		if err != nil {
			return members, err
		}
		members = append(members, tarMember(h, content, off, size))
	}
}

func tarMember(h *tar.Header, content io.ReaderAt, off, size int64) member {
	m := member{name: h.Name, packed: h.Size, data: section{content, off, h.Size}}
	switch {
	case h.Typeflag == tar.TypeDir:
		m.isFolder = true
	case h.Typeflag == tar.TypeGNUSparse, h.PAXRecords["GNU.sparse.major"] != "", h.PAXRecords["GNU.sparse.map"] != "":
		m.err, m.data = fault.New(fault.Invalid, "This file is packed in a way that RET cannot read: with its gaps left out. Pack the archive again without --sparse."), nil
	case h.Typeflag != tar.TypeReg && h.Typeflag != '\x00' && h.Typeflag != '7': // '7' is an old word for a file
		m.skip = notAFile
	case off+h.Size > size:
		m.err, m.data = fault.New(fault.Invalid, "The archive is damaged: this file is cut off."), nil
	}
	return m
}

const notAFile = "not a file but a link or device"
