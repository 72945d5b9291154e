// Package matroska writes pictures so that ffmpeg can read them from a pipe: as a stream of Matroska (RFC 9559), which
// says of every picture when it was taken and where it ends. Whoever encodes H.264, for clips or for a preview, feeds
// ffmpeg with it.
//
// The package knows nothing of pictures but their sizes, starts nothing and keeps nothing; it imports the standard
// library only.
package matroska
