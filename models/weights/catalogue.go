package weights

import (
	"slices"

	"footfall/models"
)

// Entry is one model that is known.
type Entry struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	File    string `json:"file"` // what the file is called where it comes from, and in the model folder
	Size    int64  `json:"size"` // in bytes
	SHA256  string `json:"sha256"`
	// Licence is the SPDX name of what the weights may be used under.
	Licence  string          `json:"licence"`
	Sources  []string        `json:"sources,omitempty"` // where it can be pulled from, the first first; none: nowhere
	Contract models.Contract `json:"contract"`
	Use      string          `json:"use"` // what it is good for, one line for people
	// SameAs is the name of the entry that this is another export of: asked for that one, this one does as well.
	SameAs string `json:"same_as,omitempty"`
}

// Kind says how its output becomes boxes.
func (e Entry) Kind() models.DetectorKind { return e.Contract.Kind }

// is reports whether the entry does when somebody asks for a name.
func (e Entry) is(name string) bool { return e.Name == name || e.SameAs == name }

// yoloxRelease is the release of Megvii-BaseDetection/YOLOX that its authors publish their ONNX exports in. They
// licence the repository under Apache-2.0 and name no other licence for the weights.
const yoloxRelease = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/"

// Catalogue is every model that is known, besides the ones built in, in the order in which they are taken when nobody
// asked for one. Average precisions and operations are the authors', on COCO's 80 classes.
//
// The release publishes no hashes. These were found in public records of people who downloaded the files; each of the
// three stands, with its size, in more than five independent ones. Two records hold all three together, among them the
// provenance table of kilix-yolox (which agrees with the hash of yolox_nano.onnx that this project was given); the one
// of yolox_s.onnx is also the git-lfs pointer of object_detection_yolox_2022nov.onnx in opencv/opencv_zoo.
func Catalogue() []Entry {
	return []Entry{
		{
			Name: "yolox-nano", Version: "0.1.1rc0", File: "yolox_nano.onnx", Size: 3_659_407,
			SHA256:  "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
			Licence: "Apache-2.0", Sources: []string{yoloxRelease + "yolox_nano.onnx"}, Contract: yolox(416),
			Use: "people near the camera, many cameras on few cores (AP 25.8, 1.1 GFLOPs a frame)",
		},
		{
			Name: "yolox-nano-reexport", Version: "0.1.1rc0", File: "yolox_nano.onnx", Size: 3_678_356,
			SHA256:  "e8af074932d4ed7e232278e3055cefcdea3edf178874a3694ae292649fb464dd",
			Licence: "Apache-2.0", Contract: yolox(416), SameAs: "yolox-nano",
			Use: "as yolox-nano; the same weights exported by somebody else, not to be pulled",
		},
		{
			Name: "yolox-tiny", Version: "0.1.1rc0", File: "yolox_tiny.onnx", Size: 20_219_662,
			SHA256:  "427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7",
			Licence: "Apache-2.0", Sources: []string{yoloxRelease + "yolox_tiny.onnx"}, Contract: yolox(416),
			Use: "six times the work of yolox-nano, finds more of the half hidden (AP 32.8, 6.5 GFLOPs a frame)",
		},
		{
			Name: "yolox-s", Version: "0.1.1rc0", File: "yolox_s.onnx", Size: 35_858_002,
			SHA256:  "c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
			Licence: "Apache-2.0", Sources: []string{yoloxRelease + "yolox_s.onnx"}, Contract: yolox(640),
			Use: "25 times the work of yolox-nano, people far away or close together (AP 40.5, 26.8 GFLOPs a frame)",
		},
	}
}

// yolox is the contract of the official exports: square, BGR, 0..255, boxes decoded outside.
func yolox(side int) models.Contract {
	return models.Contract{
		Kind: models.YOLOX, Classes: models.COCOClasses(), Width: side, Height: side, Colour: models.BGR, Scale: 1,
	}
}

// byHash is the entry of a file.
func byHash(entries []Entry, sha256 string) (Entry, bool) {
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.SHA256 == sha256 })
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

// byName is the first entry that does when somebody asks for a name.
func byName(entries []Entry, name string) (Entry, bool) {
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.is(name) })
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

// names lists what can be asked for.
func names(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		if e.SameAs == "" {
			out = append(out, e.Name)
		}
	}
	return out
}
