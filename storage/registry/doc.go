// Package registry knows the cameras and their lines, and the sites and areas that these are put together to: what an
// administrator said about them, through the API or in the configuration file. It owns the tables cameras, lines,
// line_versions, sites, areas and registry_state. It does not know what a camera is doing now
// (api/fleet) nor what it counted (storage/counts).
//
// Every change of a camera gives it the next version; whoever changes it names the version he has seen, so that two
// administrators do not overwrite each other unknowingly. A camera or line that is removed is not watched any more, but
// keeps its name and its version: its counts stay, and should it come back it goes on with the next version, so that
// the version in a fact always means one configuration.
//
// A line that is drawn anew keeps its counts, and its history says where it was when: facts carry the version of the
// camera that they were seen with. Sites and areas hold no counts, so they are simply removed; an area refers to lines
// that are there, or were.
//
// A camera of the configuration file is declared: it can be changed only there, and Declare makes the registry agree
// with the file at every start.
//
// Addresses are stored sealed (AES-256-GCM, the camera's id bound in), because they may hold passwords. The key is
// handed in and lives outside the database, so that a stolen backup of the database opens no camera.
//
// The package starts no goroutine. Subscribe tells of changes made through this Registry; other processes on the same
// database look for themselves.
package registry
