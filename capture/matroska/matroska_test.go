package matroska_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"os/exec"
	"strings"
	"testing"

	"footfall/capture/matroska"
)

// ffprobe reads the pictures of both kinds at the times that were written.
func TestFFmpegReadsIt(t *testing.T) {
	t.Parallel()
	const width, height = 64, 48
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	for name, stream := range map[string]struct {
		track   matroska.Track
		picture []byte
		codec   string
	}{
		"jpeg": {matroska.Track{Width: width, Height: height}, photo.Bytes(), "mjpeg,64,48"},
		"raw": {
			matroska.Track{Width: width, Height: height, Colours: "I420", FPS: 10},
			make([]byte, width*height*3/2),
			"rawvideo,64,48",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := matroska.AppendStart(nil, stream.track)
			for _, at := range []int64{0, 40, 100, 100_000} {
				text = matroska.AppendPicture(text, at, len(stream.picture))
				text = append(text, stream.picture...)
			}
			probe := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-f", "matroska", "-i", "pipe:0",
				"-show_entries", "stream=codec_name,width,height:packet=pts", "-of", "csv=p=0")
			probe.Stdin = bytes.NewReader(text)
			said, err := probe.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			lines := strings.Fields(string(said))
			if got := strings.Join(lines, " "); got != "0 40 100 100000 "+stream.codec {
				t.Errorf("it reads %s", got)
			}
		})
	}
}
