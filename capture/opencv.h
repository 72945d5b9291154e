// What Footfall needs of OpenCV's capture and gocv 0.32 does not offer: see opencv.go.
#ifndef FOOTFALL_CAPTURE_OPENCV_H
#define FOOTFALL_CAPTURE_OPENCV_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What FFmpeg said while it was working on one capture.
typedef struct {
  int shapes;      // how often the decoder chose a picture format: at the start, and when size or format change
  int errors;      // how many errors were reported
  char last[256];  // the last one
} footfall_report;

// Silences OpenCV and routes FFmpeg's messages into reports. Safe to call again and again.
void footfall_prepare(void);

// All return 1 for yes, 0 for no, -1 when OpenCV threw, and add to the report. They keep no pointer.
int footfall_capture_open(void *capture, const char *uri, int open_ms, int read_ms, footfall_report *report);
int footfall_capture_grab(void *capture, footfall_report *report);
int footfall_capture_retrieve(void *capture, void *mat);
int footfall_decode_picture(const uint8_t *data, int size, void *mat);

#ifdef __cplusplus
}
#endif
#endif
