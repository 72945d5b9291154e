// Footfall counts people: cameras in, trustworthy counts out.
package main

func main() {}
