// Package clip makes short videos of what a camera has just seen, so that a count can be proved or disproved, and
// checks afterwards that they are what was made.
//
// A Ring holds the last seconds of pictures, JPEG after JPEG in one block of memory, as everybody may see them: people
// are pixelated and masks are filled before a picture gets here (package vision). JPEG and not H.264 because nothing
// happens most of the time: a picture costs a millisecond and no process of its own, and only what is cut is encoded
// again.
//
// A Recorder decides what is cut: random moments of the day (Sampler), one in so many crossings, and what people ask
// for. Spans that overlap become one clip. A film reads the ring at its own pace and feeds ffmpeg; when it is too slow,
// pictures are lost, which the clip says, and nothing waits for it.
//
// A finished clip goes to a Spool, which brings the bytes to the store, and its fact to a Journal. Signing is not done
// here but by the server, once it has seen the bytes in the store: its key never leaves it. Verify is the other end:
// with the public key and the files, and nothing else, it says what is altered, missing, reordered or unsigned.
//
// The package is pure Go. A Recorder's Run starts one goroutine for the lifetime of a film, and has waited for it when
// it returns.
package clip
