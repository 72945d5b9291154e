package fleet

const fakeWorkerEnv = "FOOTFALL_FAKE_WORKER"

func fakeWorker() int { return 0 }
