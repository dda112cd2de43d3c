package static

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// tensor is one array of numbers in a file of safetensors: a head in JSON that says of
// each its type, its shape and where its bytes are.
type tensor struct {
	kind  string
	shape []int
	bytes []byte
}

// numberSizes are the bytes of a number of each type that models have.
var numberSizes = map[string]int{"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1}

const maxHeadBytes = 100 << 20

func readTensors(file []byte) (map[string]tensor, error) {
	if len(file) < 8 {
		return nil, fmt.Errorf("it is cut off")
	}
	head := binary.LittleEndian.Uint64(file)
	if head > maxHeadBytes || head > uint64(len(file)-8) {
		return nil, fmt.Errorf("it is cut off, or no file of tensors")
	}
	var described map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+head], &described); err != nil {
		return nil, fmt.Errorf("its head is no JSON")
	}
	all := make(map[string]tensor)
	for name, text := range described {
		if name == "__metadata__" {
			continue
		}
		t, err := readTensor(text, file[8+head:])
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

func readTensor(text json.RawMessage, content []byte) (tensor, error) {
	var d struct {
		Type    string    `json:"dtype"`
		Shape   []int     `json:"shape"`
		Offsets [2]uint64 `json:"data_offsets"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return tensor{}, fmt.Errorf("is not described")
	}
	size, ok := numberSizes[d.Type]
	if !ok {
		return tensor{}, fmt.Errorf("has numbers of type %q, which are not known", d.Type)
	}
	numbers := uint64(1)
	for _, n := range d.Shape {
		if n < 0 || n > 0 && numbers > math.MaxInt32/uint64(n) {
			return tensor{}, fmt.Errorf("has an impossible shape")
		}
		numbers *= uint64(n)
	}
	if d.Offsets[0] > d.Offsets[1] || d.Offsets[1] > uint64(len(content)) || d.Offsets[1]-d.Offsets[0] != numbers*uint64(size) {
		return tensor{}, fmt.Errorf("is not as long as its shape")
	}
	return tensor{kind: d.Type, shape: d.Shape, bytes: content[d.Offsets[0]:d.Offsets[1]]}, nil
}

// number is the i-th number.
func (t tensor) number(i int) float32 {
	b := t.bytes
	switch t.kind {
	case "F64":
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
	case "F32":
		return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	case "F16":
		return half(binary.LittleEndian.Uint16(b[2*i:]))
	case "BF16":
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
	case "I64":
		return float32(int64(binary.LittleEndian.Uint64(b[8*i:])))
	case "I32":
		return float32(int32(binary.LittleEndian.Uint32(b[4*i:])))
	default:
		return float32(int8(b[i]))
	}
}

// half reads a number of 16 bits.
func half(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10)&0x1f, uint32(bits)&0x3ff
	switch exponent {
	case 0:
		v := float32(fraction) / (1 << 24)
		if sign != 0 {
			v = -v
		}
		return v
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

func (t tensor) count() int { return len(t.bytes) / numberSizes[t.kind] }

func (t tensor) floats() ([]float32, error) {
	if len(t.shape) != 1 {
		return nil, fmt.Errorf("a weight of tokens is no list")
	}
	list := make([]float32, t.count())
	for i := range list {
		list[i] = t.number(i)
		if !finite(list[i]) {
			return nil, fmt.Errorf("a weight is no number")
		}
	}
	return list, nil
}

func (t tensor) integers() ([]int32, error) {
	if len(t.shape) != 1 || t.kind != "I64" && t.kind != "I32" {
		return nil, fmt.Errorf("the mapping of tokens is no list of whole numbers")
	}
	list := make([]int32, t.count())
	for i := range list {
		n := int64(int32(binary.LittleEndian.Uint32(t.bytes[numberSizes[t.kind]*i:])))
		if t.kind == "I64" {
			n = int64(binary.LittleEndian.Uint64(t.bytes[8*i:]))
		}
		if n < 0 || n > math.MaxInt32 {
			return nil, fmt.Errorf("the mapping of tokens leads nowhere")
		}
		list[i] = int32(n)
	}
	return list, nil
}

// matrix is a vector for each row.
type matrix struct {
	rows, columns int
	numbers       []float32
}

func (t tensor) matrix() (matrix, error) {
	if len(t.shape) != 2 || t.shape[1] == 0 {
		return matrix{}, fmt.Errorf("the embeddings are no matrix")
	}
	m := matrix{rows: t.shape[0], columns: t.shape[1], numbers: make([]float32, t.count())}
	for i := range m.numbers {
		m.numbers[i] = t.number(i)
		if !finite(m.numbers[i]) {
			return matrix{}, fmt.Errorf("an embedding is no number")
		}
	}
	return m, nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// add adds a row, times a weight.
func (m matrix) add(to []float32, row int, weight float32) {
	for i, x := range m.numbers[row*m.columns : (row+1)*m.columns] {
		to[i] += x * weight
	}
}
