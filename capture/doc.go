// Package capture gets pictures: from RTSP cameras through GoCV's FFmpeg backend, from video files and from folders of
// pictures. It owns the addresses that may be reached, opening, reading, time stamps, reconnecting, the watch for
// stalls and for pictures that show nothing, and the slot that the newest frame lies in. It does not know what is done
// with a frame.
//
// A Source is one opened attempt: one handle, read and closed by one goroutine. A Camera is the stable owner around
// it: attempts come and go, the camera, its status, its pool and its slot stay.
//
// # Goroutines
//
// Camera.Run starts one goroutine per attempt, because a read is a call into C that no context can end. It waits for
// the attempt, except when the attempt is stuck there: then it is left behind, counted, and cleans up after itself
// when C returns. Probe and Open start none that outlive them.
//
// # What OpenCV cannot do, and how it is done here
//
//   - gocv 0.32 has no options for opening, and its Grab does not say whether it worked: opencv.cpp has the three
//     calls that are missing, on gocv's own handle.
//   - OpenCV before 4.7 cannot be told to use one decoder thread: one_decoder_thread.cpp.
//   - When the size of the pictures changes in mid-stream, OpenCV 4.6 to 4.10 converts with the old size, past the end
//     of a smaller picture. FFmpeg's messages tell of the change; the attempt ends before the conversion and the next
//     one begins at once.
//   - FFmpeg gets its options through the environment, and opening takes a lock that OpenCV holds for the whole
//     process. So a camera is first asked from Go (see Preflight), and OpenCV opens only what has answered.
package capture
