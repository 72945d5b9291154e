package vision

import (
	"errors"
	"fmt"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// stillSide is the longest side of a still, in pixels.
const stillSide = 1280

// Still is a JPEG of a picture of a camera of which nothing is known yet, with the heads of all pixelated who were
// found on it.
func Still(f *frame.Frame, found []models.Detection) ([]byte, error) {
	const quality = 80
	size := within(f.Width(), f.Height(), stillSide, stillSide)
	if size.X < 2 || size.Y < 2 || f.Mat.Type() != gocv.MatTypeCV8UC3 {
		return nil, errors.New("the picture is empty, or in no colours that are known")
	}
	picture, halved := frame.NewMat(), frame.NewMat()
	defer frame.Close(&picture)
	defer frame.Close(&halved)
	shown := take{frame: f, found: found}
	shown.coverTo(&picture, &halved, size, NewVeil(models.Privacy{}, ""))
	jpeg, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, picture, []int{gocv.IMWriteJpegQuality, quality})
	if err != nil {
		return nil, fmt.Errorf("make a still: %w", err)
	}
	defer jpeg.Close()
	return append([]byte(nil), jpeg.GetBytes()...), nil
}
