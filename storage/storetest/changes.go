package storetest

import (
	"os"
	"strconv"
)

// Changes is how many random changes of evidence a test tries: as many as FOOTFALL_CHANGES says, else the usual number.
func Changes(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("FOOTFALL_CHANGES")); err == nil {
		return n
	}
	return usual
}
