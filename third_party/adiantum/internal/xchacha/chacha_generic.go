// Copyright (c) 2016 Andreas Auernhammer. All rights reserved.
// Use of this source code is governed by a license that can be
// found in the LICENSE file.

// Originally from:
// https://github.com/aead/chacha20/tree/master/chacha

package xchacha

import (
	"encoding/binary"
	"math/bits"
)

const (
	sigma0 uint32 = 0x61707865
	sigma1 uint32 = 0x3320646e
	sigma2 uint32 = 0x79622d32
	sigma3 uint32 = 0x6b206574
)

var (
	useSSE2  bool
	useSSSE3 bool
	useAVX   bool
	useAVX2  bool
	useVX    bool
)

func initializeGeneric(state *[64]byte, key []byte, nonce *[16]byte) {
	binary.LittleEndian.PutUint32(state[0:], sigma0)
	binary.LittleEndian.PutUint32(state[4:], sigma1)
	binary.LittleEndian.PutUint32(state[8:], sigma2)
	binary.LittleEndian.PutUint32(state[12:], sigma3)
	copy(state[16:], key[:])
	copy(state[48:], nonce[:])
}

func xorKeyStreamGeneric(dst, src []byte, block, state *[64]byte, rounds int) int {
	var s [16]uint32
	for i := range s {
		s[i] = binary.LittleEndian.Uint32(state[4*i:])
	}
	for len(src) >= 64 && len(dst) >= 64 {
		xorBlock((*[64]byte)(dst), (*[64]byte)(src), &s, rounds)
		src, dst = src[64:], dst[64:]
	}
	n := len(src)
	if n > 0 {
		*block = [64]byte{}
		xorBlock(block, block, &s, rounds)
		for i, v := range src {
			dst[i] = v ^ block[i]
		}
	}
	binary.LittleEndian.PutUint32(state[48:], s[12])
	binary.LittleEndian.PutUint32(state[52:], s[13])
	return n
}

func quarterRound(a, b, c, d uint32) (uint32, uint32, uint32, uint32) {
	a += b
	d = bits.RotateLeft32(d^a, 16)
	c += d
	b = bits.RotateLeft32(b^c, 12)
	a += b
	d = bits.RotateLeft32(d^a, 8)
	c += d
	b = bits.RotateLeft32(b^c, 7)
	return a, b, c, d
}

func xorBlock(dst, src *[64]byte, s *[16]uint32, rounds int) {
	v00, v01, v02, v03, v04, v05, v06, v07 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	v08, v09, v10, v11, v12, v13, v14, v15 := s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]
	for i := 0; i < rounds; i += 2 {
		v00, v04, v08, v12 = quarterRound(v00, v04, v08, v12)
		v01, v05, v09, v13 = quarterRound(v01, v05, v09, v13)
		v02, v06, v10, v14 = quarterRound(v02, v06, v10, v14)
		v03, v07, v11, v15 = quarterRound(v03, v07, v11, v15)
		v00, v05, v10, v15 = quarterRound(v00, v05, v10, v15)
		v01, v06, v11, v12 = quarterRound(v01, v06, v11, v12)
		v02, v07, v08, v13 = quarterRound(v02, v07, v08, v13)
		v03, v04, v09, v14 = quarterRound(v03, v04, v09, v14)
	}
	xor64(dst[0:], src[0:], uint64(v00+s[0])|uint64(v01+s[1])<<32)
	xor64(dst[8:], src[8:], uint64(v02+s[2])|uint64(v03+s[3])<<32)
	xor64(dst[16:], src[16:], uint64(v04+s[4])|uint64(v05+s[5])<<32)
	xor64(dst[24:], src[24:], uint64(v06+s[6])|uint64(v07+s[7])<<32)
	xor64(dst[32:], src[32:], uint64(v08+s[8])|uint64(v09+s[9])<<32)
	xor64(dst[40:], src[40:], uint64(v10+s[10])|uint64(v11+s[11])<<32)
	xor64(dst[48:], src[48:], uint64(v12+s[12])|uint64(v13+s[13])<<32)
	xor64(dst[56:], src[56:], uint64(v14+s[14])|uint64(v15+s[15])<<32)
	s[12]++
	if s[12] == 0 { // overflow
		s[13]++
	}
}

func xor64(dst, src []byte, key uint64) {
	binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^key)
}

// NOTE: Don't bother trying to optimize hChaCha; it contributes very little to
// the total runtime of XORKeyStream. I tried swapping in an asm version and it
// only shaved off about 30ns.

func hChaChaGeneric(out *[32]byte, nonce *[16]byte, key *[32]byte, rounds int) {
	v00 := sigma0
	v01 := sigma1
	v02 := sigma2
	v03 := sigma3
	v04 := binary.LittleEndian.Uint32(key[0:])
	v05 := binary.LittleEndian.Uint32(key[4:])
	v06 := binary.LittleEndian.Uint32(key[8:])
	v07 := binary.LittleEndian.Uint32(key[12:])
	v08 := binary.LittleEndian.Uint32(key[16:])
	v09 := binary.LittleEndian.Uint32(key[20:])
	v10 := binary.LittleEndian.Uint32(key[24:])
	v11 := binary.LittleEndian.Uint32(key[28:])
	v12 := binary.LittleEndian.Uint32(nonce[0:])
	v13 := binary.LittleEndian.Uint32(nonce[4:])
	v14 := binary.LittleEndian.Uint32(nonce[8:])
	v15 := binary.LittleEndian.Uint32(nonce[12:])

	for i := 0; i < rounds; i += 2 {
		v00 += v04
		v12 ^= v00
		v12 = (v12 << 16) | (v12 >> 16)
		v08 += v12
		v04 ^= v08
		v04 = (v04 << 12) | (v04 >> 20)
		v00 += v04
		v12 ^= v00
		v12 = (v12 << 8) | (v12 >> 24)
		v08 += v12
		v04 ^= v08
		v04 = (v04 << 7) | (v04 >> 25)
		v01 += v05
		v13 ^= v01
		v13 = (v13 << 16) | (v13 >> 16)
		v09 += v13
		v05 ^= v09
		v05 = (v05 << 12) | (v05 >> 20)
		v01 += v05
		v13 ^= v01
		v13 = (v13 << 8) | (v13 >> 24)
		v09 += v13
		v05 ^= v09
		v05 = (v05 << 7) | (v05 >> 25)
		v02 += v06
		v14 ^= v02
		v14 = (v14 << 16) | (v14 >> 16)
		v10 += v14
		v06 ^= v10
		v06 = (v06 << 12) | (v06 >> 20)
		v02 += v06
		v14 ^= v02
		v14 = (v14 << 8) | (v14 >> 24)
		v10 += v14
		v06 ^= v10
		v06 = (v06 << 7) | (v06 >> 25)
		v03 += v07
		v15 ^= v03
		v15 = (v15 << 16) | (v15 >> 16)
		v11 += v15
		v07 ^= v11
		v07 = (v07 << 12) | (v07 >> 20)
		v03 += v07
		v15 ^= v03
		v15 = (v15 << 8) | (v15 >> 24)
		v11 += v15
		v07 ^= v11
		v07 = (v07 << 7) | (v07 >> 25)
		v00 += v05
		v15 ^= v00
		v15 = (v15 << 16) | (v15 >> 16)
		v10 += v15
		v05 ^= v10
		v05 = (v05 << 12) | (v05 >> 20)
		v00 += v05
		v15 ^= v00
		v15 = (v15 << 8) | (v15 >> 24)
		v10 += v15
		v05 ^= v10
		v05 = (v05 << 7) | (v05 >> 25)
		v01 += v06
		v12 ^= v01
		v12 = (v12 << 16) | (v12 >> 16)
		v11 += v12
		v06 ^= v11
		v06 = (v06 << 12) | (v06 >> 20)
		v01 += v06
		v12 ^= v01
		v12 = (v12 << 8) | (v12 >> 24)
		v11 += v12
		v06 ^= v11
		v06 = (v06 << 7) | (v06 >> 25)
		v02 += v07
		v13 ^= v02
		v13 = (v13 << 16) | (v13 >> 16)
		v08 += v13
		v07 ^= v08
		v07 = (v07 << 12) | (v07 >> 20)
		v02 += v07
		v13 ^= v02
		v13 = (v13 << 8) | (v13 >> 24)
		v08 += v13
		v07 ^= v08
		v07 = (v07 << 7) | (v07 >> 25)
		v03 += v04
		v14 ^= v03
		v14 = (v14 << 16) | (v14 >> 16)
		v09 += v14
		v04 ^= v09
		v04 = (v04 << 12) | (v04 >> 20)
		v03 += v04
		v14 ^= v03
		v14 = (v14 << 8) | (v14 >> 24)
		v09 += v14
		v04 ^= v09
		v04 = (v04 << 7) | (v04 >> 25)
	}

	binary.LittleEndian.PutUint32(out[0:], v00)
	binary.LittleEndian.PutUint32(out[4:], v01)
	binary.LittleEndian.PutUint32(out[8:], v02)
	binary.LittleEndian.PutUint32(out[12:], v03)
	binary.LittleEndian.PutUint32(out[16:], v12)
	binary.LittleEndian.PutUint32(out[20:], v13)
	binary.LittleEndian.PutUint32(out[24:], v14)
	binary.LittleEndian.PutUint32(out[28:], v15)
}
