package files

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"ret/shared/fault"
)

// ErrLog says that the write-ahead log of a session's database has changed on the disk.
var ErrLog = fault.New(fault.Damaged, "What this session holds is damaged: the log of its database has changed on the server's disk. Nothing was deleted. Tell whoever runs this server, who may have a copy of it; or sign out, which erases the rest.")

// A write-ahead log as SQLite writes it (https://sqlite.org/walformat.html), on
// whatever machine, with its pages of 4 KiB.
const (
	logBlock    = 4096 // what is encrypted together, and a page
	logHead     = 32
	frameHead   = 24
	frameSize   = frameHead + logBlock
	logSalts    = 16 // where they are in the log's head
	frameSalts  = 8  // and in a frame's
	frameSum    = 16 // where a frame's checksum is
	logSum      = 24 // and the head's
	frameCommit = 4  // where a frame says that it ends a commit
)

// unsynced is how many ends of commits may follow what a power cut has lost of a log:
// each commit is on the disk before the next begins, but for what fills its last block
// up, and that ends it a second time.
const unsynced = 2

// mendLog prepares the write-ahead log that a crash has left. It cuts it to whole
// blocks, since of one that is there in part nothing can be read, and SQLite would find
// no end to the log before it; what it cuts off was never synced. ErrLog if the log has
// changed: SQLite would take that for the end that a crash has left, and forget without
// a word what was acknowledged after it.
func (f *Folder) mendLog(key []byte) error {
	file, err := f.root.OpenFile(databaseName+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mend log: %w", classify(err))
	}
	err = trimLog(file)
	var log []byte
	if err == nil {
		log, err = io.ReadAll(file)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("mend log: %w", classify(err))
	}
	decrypt := decrypter(key)
	for at := 0; at < len(log); at += logBlock {
		decrypt(log[at:at+logBlock], int64(at))
	}
	if logChanged(log) {
		return ErrLog
	}
	return nil
}

func trimLog(file *os.File) error {
	info, err := file.Stat()
	if err == nil && info.Size()%logBlock != 0 {
		err = file.Truncate(info.Size() / logBlock * logBlock)
	}
	return err
}

// logChanged reports whether a log has frames that were acknowledged after one that is
// not right.
func logChanged(log []byte) bool {
	if len(log) < logHead {
		return false
	}
	var salts []byte // of the log's frames; those of an earlier log may follow them
	before := log[logSum:logHead]
	wrong := checksum([]byte{0, 0, 0, 0, 0, 0, 0, 0}, log[:logSum]) != [8]byte(before)
	if !wrong {
		salts = log[logSalts : logSalts+8]
	}
	ends := 0
	for at := logHead; at+frameSize <= len(log); at += frameSize {
		frame := log[at : at+frameSize]
		right := checksum(before, frame[:8], frame[frameHead:]) == [8]byte(frame[frameSum:])
		before = frame[frameSum:frameHead]
		if right && salts == nil {
			salts = frame[frameSalts : frameSalts+8]
		}
		if !right || string(frame[frameSalts:frameSalts+8]) != string(salts) {
			wrong = true
			continue
		}
		if wrong && binary.BigEndian.Uint32(frame[frameCommit:]) != 0 {
			ends++
		}
	}
	return ends > unsynced
}

// checksum is what SQLite calculates of a log, in words of little endian, on from the
// one before.
func checksum(before []byte, parts ...[]byte) (sum [8]byte) {
	a, b := binary.BigEndian.Uint32(before), binary.BigEndian.Uint32(before[4:])
	for _, p := range parts {
		for ; len(p) >= 8; p = p[8:] {
			a += binary.LittleEndian.Uint32(p) + b
			b += binary.LittleEndian.Uint32(p[4:]) + a
		}
	}
	binary.BigEndian.PutUint32(sum[:], a)
	binary.BigEndian.PutUint32(sum[4:], b)
	return sum
}
