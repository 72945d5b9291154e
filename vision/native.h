// The few calls into OpenCV whose exceptions must not leave C++: gocv lets them through, and a C++ exception that
// reaches Go ends the process. Every function that can fail returns NULL, or one line of reason that the caller frees.
#ifndef FOOTFALL_VISION_NATIVE_H
#define FOOTFALL_VISION_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// footfall_set_threads sets how many threads OpenCV uses, in the whole process.
void footfall_set_threads(int threads);

// footfall_net_open reads an ONNX model from memory.
char* footfall_net_open(const void* model, size_t length, void** net);
void footfall_net_close(void* net);

// footfall_net_forward runs the network on a 1x3xHxW input. It writes the output's shape, at most 8 dimensions, and as
// many of its numbers as there is room for.
char* footfall_net_forward(void* net, const float* input, int height, int width, float* output, size_t room,
                           int64_t* shape, int* dimensions);

// footfall_letterbox scales a BGR picture (cv::Mat of 8UC3) to fit_width x fit_height and writes it to the top left of a
// planar input of 3 x height x width, multiplied by scale. small and planes are scratch cv::Mats.
char* footfall_letterbox(const void* picture, void* small, void* planes, int fit_width, int fit_height,
                         int swap_red_blue, double scale, float* input, int width, int height);

#ifdef __cplusplus
}
#endif
#endif
