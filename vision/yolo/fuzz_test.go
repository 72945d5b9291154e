package yolo_test

import (
	"encoding/binary"
	"math"
	"testing"

	"footfall/models"
	"footfall/vision/yolo"
)

// FuzzDecode feeds any numbers, in any quantity, to every kind of head and asks for what the package promises: no panic,
// and nothing but numbers in [0,1].
func FuzzDecode(f *testing.F) {
	for _, row := range [][]float32{
		nil,
		{32, 16, 16, 8, 0.5, 30, 16, 16, 8, 0.6},
		{float32(math.NaN()), 1, 1, 1, 1, 1, 1},
		{0, 0, float32(math.Inf(1)), 89, 1, 1, 1},
		{math.MaxFloat32, -math.MaxFloat32, math.MaxFloat32, math.MaxFloat32, 1, 1, 1},
		{0, 0, 0, 0, float32(math.Inf(1)), float32(math.Inf(1)), float32(math.NaN())},
	} {
		f.Add(floatsToBytes(row), uint16(64), uint16(32), 0.1)
	}
	f.Fuzz(func(t *testing.T, raw []byte, width, height uint16, minScore float64) {
		tensor := bytesToFloats(raw)
		fit := yolo.FitInto(int(width), int(height), 64, 32)
		for _, contract := range []models.Contract{twoClasses(), boxes()} {
			config := usual()
			config.MinScore = minScore
			d, err := yolo.NewDecoder(contract, config)
			if err != nil {
				return // the threshold makes no sense
			}
			detections := d.Decode(tensor, fit, nil)
			if len(detections) > config.MaxDetections {
				t.Errorf("%s: %d detections", contract.Kind, len(detections))
			}
			for i, found := range detections {
				checkDetection(t, contract, found)
				if i > 0 && found.Score > detections[i-1].Score {
					t.Errorf("%s: not the best first: %+v", contract.Kind, detections)
				}
			}
		}
	})
}

func checkDetection(t *testing.T, contract models.Contract, found models.Detection) {
	t.Helper()
	const rounding = 1e-9
	inside := func(v float64) bool { return v >= 0 && v <= 1+rounding } // false for NaN
	b := found.Box
	if !inside(b.X) || !inside(b.Y) || !inside(b.X+b.W) || !inside(b.Y+b.H) || !(b.W > 0) || !(b.H > 0) {
		t.Errorf("%s: box %+v", contract.Kind, b)
	}
	if !(found.Score > 0 && found.Score <= 1) {
		t.Errorf("%s: score %v", contract.Kind, found.Score)
	}
	if found.Class == "" {
		t.Errorf("%s: no class", contract.Kind)
	}
}

func floatsToBytes(values []float32) []byte {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return raw
}

func bytesToFloats(raw []byte) []float32 {
	values := make([]float32, 0, len(raw)/4)
	for ; len(raw) >= 4; raw = raw[4:] {
		values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	}
	return values
}
