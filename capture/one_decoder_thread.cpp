// OpenCV before 4.7 (Debian 12, Ubuntu 24.04) starts as many decoder threads as the machine has cores, for every
// camera, and has no option against it. That costs more than threads: FFmpeg's frame threading holds back one picture
// per thread, so on a 16 core machine a 15 fps camera would be a second late, and its time stamps with it.
//
// So the call with which OpenCV opens a decoder is taken by this function, which asks for one thread and passes it on.
// The dynamic linker prefers the program's own symbol to that of libavcodec. From OpenCV 4.7 on the number of threads
// is a parameter of open, and this file is empty.

#include <dlfcn.h>

#include <cstdint>
#include <opencv2/core/version.hpp>

#if CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR < 7

extern "C" __attribute__((visibility("default"))) int avcodec_open2(void *context, const void *codec, void **options) {
  static auto open = reinterpret_cast<int (*)(void *, const void *, void **)>(dlsym(RTLD_NEXT, "avcodec_open2"));
  static auto set = reinterpret_cast<int (*)(void *, const char *, int64_t, int)>(dlsym(RTLD_NEXT, "av_opt_set_int"));
  static auto decodes = reinterpret_cast<int (*)(const void *)>(dlsym(RTLD_NEXT, "av_codec_is_decoder"));
  if (open == nullptr) return -1;
  if (set != nullptr && decodes != nullptr && codec != nullptr && decodes(codec) != 0) set(context, "threads", 1, 0);
  return open(context, codec, options);
}

#endif
