// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo, with the settings Pillow leaves at their defaults: the accurate integer
// inverse transform and smooth chroma upsampling.
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <fmt/format.h>
#include <jpeglib.h>
#include <limits>
// After jpeglib.h:
#include <jerror.h>

#include "sluice/data/codec.hpp"

namespace sluice::data {
namespace {

// A baseline file spends at least one bit on each 8x8 block; arithmetic coding may spend less.
constexpr std::int64_t kPixelsPerByte = std::int64_t{8} * 64;
// A progressive file of a few kilobytes can ask for any number of passes over a large image.
constexpr int kMaxScans = 500;

// libjpeg's objects and the way back from its errors. The library calls error_exit, which must
// not return: we jump back to the `setjmp` of the function at work, which owns nothing that would
// need a destructor.
class JpegDecoder {
 public:
  JpegDecoder() {
    info_.err = jpeg_std_error(&manager_);
    manager_.error_exit = [](j_common_ptr info) { decoder_of(info).fail(); };
    manager_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) decoder_of(info).warn();
    };
    info_.client_data = this;
    progress_.progress_monitor = [](j_common_ptr info) { decoder_of(info).count_scans(); };
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }

  // Reads the header up to the first scan.
  bool open(std::span<const std::byte> bytes) {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  bool read_rows(J_COLOR_SPACE color_space, std::uint8_t* out) {
    if (setjmp(jump_) != 0) return false;
    info_.out_color_space = color_space;
    jpeg_start_decompress(&info_);
    const std::size_t stride =
        std::size_t{info_.output_width} * static_cast<unsigned>(info_.output_components);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = out + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  [[nodiscard]] const jpeg_decompress_struct& info() const { return info_; }
  [[nodiscard]] Error error() const {
    return {ErrorCode::Parse, fmt::format("JPEG is damaged: {}", message_.data())};
  }

 private:
  static JpegDecoder& decoder_of(j_common_ptr info) {
    return *static_cast<JpegDecoder*>(info->client_data);
  }

  [[noreturn]] void fail() {
    manager_.format_message(reinterpret_cast<j_common_ptr>(&info_), message_.data());
    std::longjmp(jump_, 1);
  }

  // Warnings about the compressed data mean invented pixels; others are harmless.
  void warn() {
    const int code = manager_.msg_code;
    if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
        code == JWRN_ARITH_BAD_CODE) {
      fail();
    }
  }

  void count_scans() {
    if (info_.input_scan_number <= kMaxScans) return;
    std::snprintf(message_.data(), message_.size(), "more than %d scans", kMaxScans);
    std::longjmp(jump_, 1);
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr manager_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

// round(a·b/255) without dividing.
std::uint8_t multiply_255(int a, int b) {
  const int product = a * b + 128;
  return static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
}

// Adobe's files hold inverted ink: 255 is none. red = white - black ink - cyan·(what is left).
Image rgb_from_inverted_cmyk(const Image& cmyk) {
  Image rgb(cmyk.height, cmyk.width, 3);
  const std::uint8_t* from = cmyk.pixels.data();
  for (std::size_t i = 0; i < rgb.pixels.size(); i += 3, from += 4) {
    const int left = from[3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgb.pixels[i + c] =
          static_cast<std::uint8_t>(std::max(0, left - multiply_255(255 - from[c], left)));
    }
  }
  return rgb;
}

}  // namespace

Result<Image> decode_jpeg(std::span<const std::byte> bytes, PixelKind kind) {
  if (kind == PixelKind::Index) {
    return Error{ErrorCode::Unsupported, "JPEG changes class indices; save annotations as PNG"};
  }
  JpegDecoder decoder;
  if (!decoder.open(bytes)) return decoder.error();
  const jpeg_decompress_struct& info = decoder.info();
  constexpr std::int64_t kAnySize = std::numeric_limits<std::int64_t>::max();
  const auto most_pixels = static_cast<std::int64_t>(bytes.size()) * kPixelsPerByte;
  SL_TRY_STATUS(check_image_size(info.image_height, info.image_width,
                                 info.arith_code != FALSE ? kAnySize : most_pixels));
  if (info.num_components == 4) {
    Image cmyk(info.image_height, info.image_width, 4);
    if (!decoder.read_rows(JCS_CMYK, cmyk.pixels.data())) return decoder.error();
    return rgb_from_inverted_cmyk(cmyk);
  }
  if (info.num_components != 1 && info.num_components != 3) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("JPEG of {} components; convert it to RGB", info.num_components)};
  }
  Image image(info.image_height, info.image_width, 3);
  if (!decoder.read_rows(JCS_RGB, image.pixels.data())) return decoder.error();
  return image;
}

}  // namespace sluice::data
