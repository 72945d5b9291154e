// Package clips keeps clips: their bytes in a Store, a folder or S3, and what is known of them in an Index in the
// database.
//
// A clip's way: the worker puts the video into its Spool on disk and tells the server (models.Fact); the spool brings
// the bytes to the store and checks there that they are the same. The server's Archive waits for them, reads them, and
// only then seals the clip: it gives it the next place in the chain of its camera, signs the manifest, puts it beside
// the video and signs how long the chains are now. So the signature says that the server has seen these bytes in the
// store, and the key never leaves the server.
//
// When its time is over a clip is deleted: first the database and the signed list of chains say that it is gone, then
// the bytes go. A clip that is held stays. What the bucket itself can hold back (object lock, legal hold) is used where
// it is there.
//
// A Store's code is straight. Patience is a wrapper (Retry) that knows which errors do not heal by waiting.
//
// The package owns the tables clips, clip_chains, clip_gone, recordings, recorded_clips and clip_reviews. Spool and
// Archive have a Run that ends with its context; nothing else starts a goroutine.
package clips
