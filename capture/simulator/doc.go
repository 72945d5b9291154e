// Package simulator is the other side of the wire: a real RTSP camera on this machine, made from a video file or from
// a drawn scene, and every way in which a camera can go wrong. `footfall demo` and tests use it.
//
// Two steps. Encode (or Scene.Encode) turns the source into a Clip once, with the ffmpeg program as a child process:
// H.264 without B-frames, a key frame at least every second, SPS and PPS before each of them. NewCamera makes a Camera
// that plays a Clip, and Camera.Run plays it: at the clip's own pace, from its own time stamps, and since nothing is
// encoded any more, at next to no cost. Several cameras may share a Clip.
//
// One Camera is one device with a port of its own, because faults are a device's: a port that refuses must not refuse
// for the camera next door. The clip's clock never stops: whatever Break does, frame k of a loop is due exactly as long
// after the loop's announced start as it lies in the clip. So truth that is known by frame stays known by time.
//
// It does not know capture, which is tested against it, and it leaves pictures alone: no OpenCV.
//
// Goroutines: Run has one that plays, and those of the RTSP server (one or two per connection); all have ended when
// Run returns. Encode waits for its ffmpeg. Nothing else starts any.
package simulator
