// What Footfall needs of OpenCV's capture and gocv 0.32 does not offer: see opencv.go.
#ifndef FOOTFALL_CAPTURE_OPENCV_H
#define FOOTFALL_CAPTURE_OPENCV_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What the decoder of the calling thread has said since footfall_decoder_forget.
typedef struct {
  int shapes;   // how often it chose a picture format: once at the start, again when size or format change
  int errors;   // how many errors it reported
  char last[256];  // the last error, one line
} footfall_decoder_report;

// Silences OpenCV and routes FFmpeg's messages into the report. Safe to call again and again.
void footfall_prepare(void);

void footfall_decoder_forget(void);
void footfall_decoder_told(footfall_decoder_report *out);

// All return 1 for yes, 0 for no, -1 when OpenCV threw.
int footfall_capture_open(void *capture, const char *uri, int open_ms, int read_ms);
int footfall_capture_grab(void *capture);
int footfall_capture_retrieve(void *capture, void *mat);
int footfall_decode_picture(const uint8_t *data, int size, void *mat);

#ifdef __cplusplus
}
#endif
#endif
