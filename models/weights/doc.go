// Package weights owns detector models as files: the ones built into the binary, the catalogue of others' that are
// known to work, and the folders they are kept in.
//
// A model is known by its SHA-256, never by its file's name. The catalogue says for each which size and hash it has,
// where it comes from, under which licence, and its contract: what to put in and what comes out. A file that is not in
// the catalogue can be used too; then its contract must lie beside it or in it, and it is listed as unknown.
//
// A Shelf looks in this order: a file that is named outright, the model folder, the folder that FOOTFALL_MODELS names,
// what is built in. Asked for nothing in particular it takes the model that is built in; without one, the first of the
// catalogue that is there (see Catalogue: the lightest first, because a camera that is analysed too seldom is counted
// worse than one analysed with a weaker detector). A model that was pulled is therefore used when the configuration
// names it.
//
// It does not look inside models and runs none: that is vision's. It starts no goroutines.
package weights
