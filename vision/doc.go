// Package vision looks at pictures: it finds people on frames, draws on pictures what was seen, and writes pictures as
// video.
//
// It also makes what people see of a camera while somebody watches: Veil takes off the picture what is private, Encoder
// makes H.264 of it, and Studio does both for one camera while somebody watches.
//
// It owns the detector (Open): what an ONNX file promises, the engines that run it (ONNX Runtime, OpenCV's DNN module),
// how a frame is put into a network and taken out of it. It owns how an annotated picture looks (Draw) and how a
// video file is written (VideoWriter). It does not decide who is who, what is counted, or which model is right: the
// tracker, the crossing and main do.
//
// Everything that comes from outside is checked before C++ sees it. OpenCV throws C++ exceptions, and gocv 0.32 passes
// them on into Go, where they end the process; so what can throw (reading a model, running it, scaling a picture) goes
// through native.cpp, which turns exceptions into errors.
//
// Goroutines: a detector starts none and is for one goroutine at a time; several detectors may run side by side. The
// threads inside the engines are theirs. A VideoWriter has the one that reads its encoder's complaints, and has waited
// for it when Close returns. An Encoder has one more, which reads what comes out.
//
// State of the process, which the libraries have one of: ONNX Runtime is loaded once and stays; OpenCV's number of
// threads is that of the detector opened last.
package vision
