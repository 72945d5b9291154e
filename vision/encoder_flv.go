package vision

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// flvReader reads H.264 out of a stream of FLV as it arrives (Adobe, "Video File Format Specification", version 10.1,
// annex E).
type flvReader struct {
	from       io.Reader
	begun      bool
	parameters []byte // the parameter sets in Annex B form, to go before every key frame
}

// flvUnit is one access unit.
type flvUnit struct {
	milliseconds int64
	key          bool
	data         []byte
}

const (
	flvHeaderSize = 9 + 4 // with the size of the tag before the first, which is 0
	flvTagSize    = 11
	flvVideo      = 9
	flvAVC        = 7 // codec
	flvKey        = 1 // frame type
	flvSequence   = 0 // packet type: parameter sets
	flvNALUs      = 1
	maxUnit       = 16 << 20
)

var errNotFLV = errors.New("this is not FLV with H.264")

// next waits for the next unit. At the end it is io.EOF.
func (r *flvReader) next() (flvUnit, error) {
	if !r.begun {
		header := make([]byte, flvHeaderSize)
		if _, err := io.ReadFull(r.from, header); err != nil {
			return flvUnit{}, io.EOF // ffmpeg ended before it began, and has said why
		}
		if string(header[:3]) != "FLV" {
			return flvUnit{}, errNotFLV
		}
		r.begun = true
	}
	for {
		unit, ok, err := r.tag()
		if err != nil || ok {
			return unit, err
		}
	}
}

// tag reads one tag, and says whether it holds a unit.
func (r *flvReader) tag() (flvUnit, bool, error) {
	var header [flvTagSize]byte
	if _, err := io.ReadFull(r.from, header[:]); err != nil {
		return flvUnit{}, false, io.EOF
	}
	size := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
	if size > maxUnit {
		return flvUnit{}, false, errNotFLV
	}
	body := make([]byte, size+4) // with its own size at the end
	if _, err := io.ReadFull(r.from, body); err != nil {
		return flvUnit{}, false, io.EOF
	}
	body = body[:size]
	const codecHeader = 5
	if header[0] != flvVideo || size < codecHeader {
		return flvUnit{}, false, nil
	}
	if body[0]&0x0f != flvAVC {
		return flvUnit{}, false, errNotFLV
	}
	unit := flvUnit{
		milliseconds: int64(header[7])<<24 | int64(header[4])<<16 | int64(header[5])<<8 | int64(header[6]),
		key:          body[0]>>4 == flvKey,
	}
	var err error
	switch body[1] {
	case flvSequence:
		r.parameters, err = parameterSets(body[codecHeader:])
		return unit, false, err
	case flvNALUs:
		if unit.key {
			unit.data = append(unit.data, r.parameters...)
		}
		unit.data, err = appendAnnexB(unit.data, body[codecHeader:])
		return unit, err == nil, err
	}
	return unit, false, nil
}

// startCode begins a NAL unit in Annex B.
const startCode = "\x00\x00\x00\x01"

// parameterSets takes SPS and PPS out of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
func parameterSets(record []byte) ([]byte, error) {
	const fixed = 5
	if len(record) < fixed+1 {
		return nil, nil // an encoder that has them in its stream
	}
	var sets []byte
	rest := record[fixed:]
	for _, mask := range []byte{0x1f, 0xff} { // how many SPS, how many PPS
		if len(rest) == 0 {
			return nil, errNotFLV
		}
		n := int(rest[0] & mask)
		rest = rest[1:]
		for range n {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				return nil, errNotFLV
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			sets = append(append(sets, startCode...), rest[2:end]...)
			rest = rest[end:]
		}
	}
	return sets, nil
}

// appendAnnexB turns NAL units with their lengths before them into NAL units with start codes. Those that have start
// codes already stay as they are: so they come from encoders that keep their parameter sets to themselves.
func appendAnnexB(to, units []byte) ([]byte, error) {
	if len(units) >= 4 && string(units[:4]) == startCode {
		return append(to, units...), nil
	}
	for len(units) > 0 {
		if len(units) < 4 {
			return nil, errNotFLV
		}
		size := int(binary.BigEndian.Uint32(units))
		if size > len(units)-4 || size < 0 {
			return nil, fmt.Errorf("a NAL unit of %d bytes is cut off: %w", size, errNotFLV)
		}
		to = append(append(to, startCode...), units[4:4+size]...)
		units = units[4+size:]
	}
	return to, nil
}
