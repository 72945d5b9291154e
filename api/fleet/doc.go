// Package fleet decides which worker watches which camera, and keeps the local workers alive.
//
// # Leases
//
// A camera is given to one worker for [from, until). The server writes a lease down before its worker hears of it,
// and never lets two leases of a camera overlap; counts accepts a fact only inside its lease. So nothing is counted
// twice, whatever workers believe and however often they repeat themselves.
//
//   - While a worker is heard from, until moves ahead of it.
//   - A worker that falls silent keeps its cameras until its leases have run out. Then they go to workers that have
//     room: the old lease ends and the new one starts at that same moment. If nobody has room, the lease stays open.
//   - A worker that comes back finds what is left of its leases extended from where they were, without a gap: what it
//     counted while the link or the server was down is accepted. Only what it counted after a camera was given to
//     somebody else is refused.
//   - A worker that was restarted says so by its incarnation. The leases of the old incarnation end when the new one is
//     first heard, and new ones begin: no wait for anything to run out.
//   - After a restart of the server the open leases are read back. Workers name the leases they hold with every beat,
//     so the server knows which ones go on. For one lease's duration nobody's cameras are given away.
//
// Leases run by the server's clock, facts by the worker's. The two are compared with every beat; a worker that is
// more than Config.ClockTolerance off is reported and gets no new cameras.
//
// # Poisonous cameras
//
// A camera can crash its worker: OpenCV and FFmpeg are C++. The ward (ward.go) watches over crashes, finds the camera
// that causes them by trying halves of the suspects, and puts it into quarantine for a while.
//
// # Pieces and goroutines
//
// plan.go and ward.go are pure: a situation and a time go in, decisions come out. Fleet holds the situation in memory
// and answers beats from there; its Run is the one goroutine that writes leases. Supervisor runs a goroutine for each
// local worker process. Nothing is started before Run, and Run has waited for everything when it returns.
//
// Not here: what a fact means (storage/counts), how messages travel (api/link), what watching is (the worker command).
package fleet
