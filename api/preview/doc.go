// Package preview shows cameras to people: it knows who watches which camera in which way, asks workers for no more
// than that, and passes on what comes.
//
// Relay is the hub: every way to watch a camera (models.Stream) has seats, and each seat its own short queue, so that a
// viewer who is slow loses pictures alone. Whatever the number of seats, a stream is asked for once. Gate opens WebRTC
// sessions on seats, as WHEP (draft-ietf-wish-whep) wants them; pion lives nowhere else. Pictures for browsers without
// WebRTC are seats without a session.
//
// What is decoded depends on what came before, so whoever has lost a picture sees nothing until the next key frame, and
// asks for one. Sequence numbers tell.
//
// It does not own HTTP, nor who may watch what: the api does. It does not know NATS: a link calls Wishes and Show. It
// does not encode, and never sees a pixel.
//
// Goroutines: Relay starts none. Gate.Run looks after sessions; each session has one that feeds it and one that tells
// it the news, and pion's own. Close has waited for ours.
package preview
