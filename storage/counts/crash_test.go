package counts_test

const crashAddress = "FOOTFALL_TEST_INGEST"

func ingestForEver(string) {}
