//go:build race

package bench_test

// raced: everything takes ten times as long.
const raced = true
