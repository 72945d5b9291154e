#include "native.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

namespace {

// Returns a copy of the first line of a message, for C to free.
char* reason(const char* message) {
    std::string line(message);
    const size_t end = line.find_first_of("\r\n");
    if (end != std::string::npos) line.resize(end);
    if (line.empty()) line = "unknown C++ exception";
    return strdup(line.c_str());
}

// Runs a piece of C++ and turns whatever it throws into a reason.
template <typename Body>
char* guarded(Body body) {
    try {
        body();
        return nullptr;
    } catch (const cv::Exception& e) {
        // e.err says what happened without source lines; some exceptions have no such text.
        return reason(e.err.empty() ? e.what() : e.err.c_str());
    } catch (const std::exception& e) {
        return reason(e.what());
    } catch (...) {
        return reason("");
    }
}

// OpenCV prints to stderr what it also throws; we return it to where it is handled, and said once.
struct Quiet {
    cv::utils::logging::LogLevel before;
    Quiet() : before(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {}
    ~Quiet() { cv::utils::logging::setLogLevel(before); }
};

}  // namespace

void footfall_set_threads(int threads) { cv::setNumThreads(threads); }

char* footfall_net_open(const void* model, size_t length, void** net) {
    return guarded([&] {
        const Quiet quiet;
        cv::dnn::Net read = cv::dnn::readNetFromONNX(static_cast<const char*>(model), length);
        read.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
        read.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
        *net = new cv::dnn::Net(read);
    });
}

void footfall_net_close(void* net) { delete static_cast<cv::dnn::Net*>(net); }

char* footfall_net_forward(void* net, const float* input, int height, int width, float* output, size_t room,
                           int64_t* shape, int* dimensions) {
    return guarded([&] {
        cv::dnn::Net& n = *static_cast<cv::dnn::Net*>(net);
        const int sizes[] = {1, 3, height, width};
        n.setInput(cv::Mat(4, sizes, CV_32F, const_cast<float*>(input)));
        const cv::Mat result = n.forward();
        CV_Assert(result.type() == CV_32F && result.isContinuous() && result.dims <= 8);
        for (int i = 0; i < result.dims; i++) shape[i] = result.size[i];
        *dimensions = result.dims;
        const size_t count = std::min(room, result.total());
        std::memcpy(output, result.ptr<float>(), count * sizeof(float));
    });
}

char* footfall_letterbox(const void* picture, void* small, void* planes, int fit_width, int fit_height,
                         int swap_red_blue, double scale, float* input, int width, int height) {
    return guarded([&] {
        cv::Mat& scaled = *static_cast<cv::Mat*>(small);
        cv::resize(*static_cast<const cv::Mat*>(picture), scaled, cv::Size(fit_width, fit_height), 0, 0,
                   cv::INTER_LINEAR);
        cv::Mat& stack = *static_cast<cv::Mat*>(planes);  // blue above green above red
        stack.create(3 * fit_height, fit_width, CV_8U);
        cv::Mat colours[3];
        for (int c = 0; c < 3; c++) colours[c] = stack.rowRange(c * fit_height, (c + 1) * fit_height);
        cv::split(scaled, colours);
        for (int c = 0; c < 3; c++) {
            const int plane = swap_red_blue ? 2 - c : c;
            float* corner = input + static_cast<size_t>(plane) * height * width;
            cv::Mat target(fit_height, fit_width, CV_32F, corner, width * sizeof(float));
            colours[c].convertTo(target, CV_32F, scale);
        }
    });
}
