// Package frame says who owns a picture. It makes and closes every full-frame Mat of the program, keeps them in fixed
// pools, and counts every Mat that capture and vision hold open. It knows pixels and nothing else: no camera, no
// detector, no goroutine of its own.
//
// # Who owns a frame
//
//   - A frame has one owner. A function that takes a frame borrows it until it returns; putting it into a slot gives it
//     away. The owner, whoever it is by then, calls Release once.
//   - Only this package makes and closes full-frame Mats, from a fixed Pool: an empty pool drops the frame, it never
//     allocates. So the memory that pixels take is decided when a camera is set up and does not grow under load.
//   - Scratch Mats belong to the struct that uses them and are reused. They too are made by NewMat (or counted by
//     Adopt) and closed by Close, so that OpenMats, the ledger, is true: it is zero when everything is shut down.
//   - Views and Data... slices never leave the function that made them: the memory behind them is C's.
//   - A capture handle is read and closed by one goroutine, and closed even when opening failed.
//   - What outlives the turn (clip ring, preview) becomes Go-owned bytes first.
//   - A drawn-on frame is not detected on again.
//   - C does not see a context: time-outs are set on the handle.
//
// The ledger is a process-wide number because the thing it counts, memory that Go's collector cannot see, is owned by
// the process. Built with -tags matprofile, gocv keeps a ledger of its own with stack traces (gocv.MatProfile); a test
// holds the two against each other.
package frame
