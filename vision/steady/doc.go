// Package steady knows how a camera's picture lies against its reference, the picture on which its lines were drawn: a
// camera sags, shakes in the wind and when trains pass, and is turned away by whoever cleans it.
//
// It owns the measuring (Steady.Look) and the judging: what is certain, what is worth making good, and when a camera
// counts as moved. It does not move anything: whoever asks maps boxes and lines by the models.View it gives. It is pure
// Go, allocates nothing once warm, starts no goroutine, and keeps no picture but small pieces of one, in memory.
//
// # How
//
// The reference is a grid of patches of 13 x 13 pixels of the small grey picture (192 pixels wide), one a cell, at
// the place of the cell that is told apart best. Each is looked for in every picture by Lucas and Kanade's method,
// from where it is expected. So every picture is held against the reference, not against the one before: errors do
// not add up, a shake is known as soon as it is seen, and a crowd that walks one way is simply not found, because
// other people stand there than did. What people hide, as far as the detector sees them, is left out.
//
// # Certain or nothing
//
// The patches that are found are witnesses, those that have long told the truth weigh more, and a warp needs most of
// them, all over the picture. That something moved needs more: hardly a patch may have stayed where it was. A train
// that covers half of the picture leaves the platform's edge in place; a camera that moves takes everything along.
// Where nothing is certain, nothing changes: the last certain place holds, less its shaking.
//
// Displacements below a quarter of a percent of the picture's width are left alone.
//
// # Light
//
// Patches are compared with gain and offset left free. One that is not found for some time, while the others are
// certain, is taken anew from where the others say that it lies; the first one is kept, and used again when the light
// of that hour is back, so that the errors of taking anew do not pile up day by day.
//
// # Moved
//
// A camera has moved when the picture lies further away than can be made good, or when for some seconds nothing is to
// be seen of those patches of the reference that have proved true for some time. Noise proves nothing, so a camera that
// looks at a bare wall is never said to have moved. Time without pictures does not count. Until the camera is back, or
// has a new reference, nothing is made good. A reference that was never recognised, because its picture was broken, is
// replaced.
package steady
