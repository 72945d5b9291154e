#include "opencv.h"

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

namespace {

// The report of the capture that this thread is working on. A capture has one decoder thread, the calling one, so what
// FFmpeg says on a thread while it is in here is about that capture.
thread_local footfall_report *current = nullptr;

class Listening {
 public:
  explicit Listening(footfall_report *report) { current = report; }
  ~Listening() { current = nullptr; }
};

const int kErrorLevel = 16;  // AV_LOG_ERROR

// FFmpeg calls this for every message, whatever the level. Nothing is printed: the lines would belong to nobody.
void listen(void *, int level, const char *format, va_list args) {
  if (current == nullptr) return;
  // Every decoder asks get_format for the pixel format whenever its picture size or format is (re)initialised, and
  // says so. It is the only sign: OpenCV 4.6 to 4.10 goes on converting with the old size, past the end of the new
  // picture when that is smaller.
  if (std::strstr(format, "chosen by get_format") != nullptr) {
    current->shapes++;
    return;
  }
  if (level > kErrorLevel || level < 0) return;
  current->errors++;
  std::vsnprintf(current->last, sizeof current->last, format, args);
}

void listen_to_ffmpeg() {
  typedef void (*callback)(void *, int, const char *, va_list);
  // libavutil comes with OpenCV; asking for the symbol at run time spares the build its headers.
  static auto set = reinterpret_cast<void (*)(callback)>(dlsym(RTLD_DEFAULT, "av_log_set_callback"));
  if (set != nullptr) set(listen);
}

template <typename F>
int guarded(F f) {
  try {
    return f() ? 1 : 0;
  } catch (...) {  // an exception must not cross into Go
    return -1;
  }
}

}  // namespace

void footfall_prepare(void) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  listen_to_ffmpeg();
}

int footfall_capture_open(void *capture, const char *uri, int open_ms, int read_ms,
                          footfall_report *report) {
  Listening listening(report);
  return guarded([&] {
    std::vector<int> params = {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv::CAP_PROP_READ_TIMEOUT_MSEC, read_ms};
#if CV_VERSION_MAJOR > 4 || (CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR >= 7)
    params.push_back(cv::CAP_PROP_N_THREADS);
    params.push_back(1);
#endif  // before: see one_decoder_thread.cpp
    bool opened = static_cast<cv::VideoCapture *>(capture)->open(uri, cv::CAP_FFMPEG, params);
    listen_to_ffmpeg();  // the first open of a process may have set a callback of OpenCV's own
    return opened;
  });
}

int footfall_capture_grab(void *capture, footfall_report *report) {
  Listening listening(report);
  return guarded([&] { return static_cast<cv::VideoCapture *>(capture)->grab(); });
}

int footfall_capture_retrieve(void *capture, void *mat) {
  return guarded([&] { return static_cast<cv::VideoCapture *>(capture)->retrieve(*static_cast<cv::Mat *>(mat)); });
}

int footfall_decode_picture(const uint8_t *data, int size, void *mat) {
  return guarded([&] {
    cv::Mat bytes(1, size, CV_8UC1, const_cast<uint8_t *>(data));
    cv::Mat *picture = static_cast<cv::Mat *>(mat);
    picture->release();  // what OpenCV 4.6 cannot decode leaves what was there before
    cv::imdecode(bytes, cv::IMREAD_COLOR, picture);
    return !picture->empty();
  });
}
