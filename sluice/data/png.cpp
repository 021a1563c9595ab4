// SPDX-License-Identifier: Apache-2.0
// PNG by libpng: samples as they are, without gamma or colour management, as Pillow reads them.
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <png.h>

#include "sluice/data/codec.hpp"

namespace sluice::data {
namespace {

constexpr std::int64_t kDeflateRatio = 1032;           // the most that deflate can expand a byte to
constexpr png_alloc_size_t kMaxChunkBytes = 16 << 20;  // colour profiles and texts

// libpng's objects and the way back from its errors, as in jpeg.cpp.
class PngDecoder {
 public:
  explicit PngDecoder(std::span<const std::byte> bytes) : rest_(bytes) {}
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // Reads the header up to the first pixels. Samples of fewer than 8 bits will come one to a byte.
  bool open(PixelKind kind) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ == nullptr) return false;
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr || setjmp(jump_) != 0) return false;
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    png_set_read_fn(png_, this, on_read);
    png_read_info(png_, info_);
    bit_depth_ = png_get_bit_depth(png_, info_);
    color_type_ = png_get_color_type(png_, info_);
    if (bit_depth_ < 8) request_bytes(kind);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  // `rows` point at row_bytes() bytes each.
  bool read_rows(std::span<png_bytep> rows) {
    if (setjmp(jump_) != 0) return false;
    png_read_image(png_, rows.data());
    return true;
  }

  // The three bytes of each palette entry, as many as the file has.
  [[nodiscard]] std::span<const png_color> palette() const {
    png_colorp colors = nullptr;
    int count = 0;
    if (png_get_PLTE(png_, info_, &colors, &count) == 0) return {};
    return {colors, static_cast<std::size_t>(count)};
  }

  [[nodiscard]] std::int64_t height() const { return png_get_image_height(png_, info_); }
  [[nodiscard]] std::int64_t width() const { return png_get_image_width(png_, info_); }
  [[nodiscard]] std::int64_t channels() const { return png_get_channels(png_, info_); }
  [[nodiscard]] std::int64_t row_bytes() const {
    return static_cast<std::int64_t>(png_get_rowbytes(png_, info_));
  }
  [[nodiscard]] int bit_depth() const { return bit_depth_; }  // in the file
  [[nodiscard]] int color_type() const { return color_type_; }
  [[nodiscard]] Error error() const {
    return {ErrorCode::Parse, fmt::format("PNG is damaged: {}", message_.data())};
  }

 private:
  // Grey values are stretched to 0..255 for colour, but an annotation's are class indices.
  void request_bytes(PixelKind kind) {
    if (color_type_ == PNG_COLOR_TYPE_GRAY && kind == PixelKind::Rgb) {
      png_set_expand_gray_1_2_4_to_8(png_);
    } else {
      png_set_packing(png_);
    }
  }

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto& decoder = *static_cast<PngDecoder*>(png_get_error_ptr(png));
    std::snprintf(decoder.message_.data(), decoder.message_.size(), "%s", message);
    std::longjmp(decoder.jump_, 1);
  }
  static void on_warning(png_structp /*png*/, png_const_charp /*message*/) {}

  static void on_read(png_structp png, png_bytep out, png_size_t size) {
    auto& decoder = *static_cast<PngDecoder*>(png_get_io_ptr(png));
    if (size > decoder.rest_.size()) png_error(png, "it is cut short");
    std::memcpy(out, decoder.rest_.data(), size);
    decoder.rest_ = decoder.rest_.subspan(size);
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> rest_;
  int bit_depth_ = 0;
  int color_type_ = 0;
  std::jmp_buf jump_{};
  std::array<char, 128> message_{"libpng does not start"};
};

// Rows as libpng gives them: `channels` samples a pixel, of one byte or, big-endian, two.
struct Raster {
  std::int64_t channels = 0;
  std::int64_t sample_bytes = 1;
  std::int64_t row_bytes = 0;
  std::vector<std::uint8_t> bytes;
};

Result<Raster> read_raster(PngDecoder& decoder) {
  Raster raster{.channels = decoder.channels(),
                .sample_bytes = decoder.bit_depth() == 16 ? 2 : 1,
                .row_bytes = decoder.row_bytes(),
                .bytes = {}};
  raster.bytes.resize(static_cast<std::size_t>(raster.row_bytes * decoder.height()));
  std::vector<png_bytep> rows;
  rows.reserve(static_cast<std::size_t>(decoder.height()));
  for (std::int64_t y = 0; y < decoder.height(); ++y) {
    rows.push_back(raster.bytes.data() + y * raster.row_bytes);
  }
  if (!decoder.read_rows(rows)) return decoder.error();
  return raster;
}

// A sample as 8 bits: the high byte of 16-bit colour; 16-bit grey without alpha is clipped.
std::uint8_t sample(const std::uint8_t* p, const Raster& raster) {
  const bool clipped = raster.sample_bytes == 2 && raster.channels == 1;
  if (!clipped) return *p;
  return p[0] != 0 ? std::uint8_t{255} : p[1];
}

Image to_rgb(const Raster& raster, Image image) {
  const std::int64_t step = raster.channels * raster.sample_bytes;
  const std::int64_t to_next = raster.channels < 3 ? 0 : raster.sample_bytes;  // grey is repeated
  std::uint8_t* out = image.pixels.data();
  const std::uint8_t* p = raster.bytes.data();
  for (std::int64_t i = 0; i < image.height * image.width; ++i, p += step) {
    for (std::int64_t c = 0; c < 3; ++c) *out++ = sample(p + c * to_next, raster);
  }
  return image;
}

Result<Image> from_palette(const Raster& raster, std::span<const png_color> palette, Image image) {
  for (std::size_t i = 0; i < raster.bytes.size(); ++i) {
    const std::size_t index = raster.bytes[i];
    if (index >= palette.size()) {
      return Error{ErrorCode::Parse, fmt::format("PNG is damaged: index {} in a palette of {}",
                                                 index, palette.size())};
    }
    const png_color& color = palette[index];
    image.pixels[3 * i] = color.red;
    image.pixels[3 * i + 1] = color.green;
    image.pixels[3 * i + 2] = color.blue;
  }
  return image;
}

}  // namespace

Result<Image> decode_png(std::span<const std::byte> bytes, PixelKind kind) {
  PngDecoder decoder(bytes);
  if (!decoder.open(kind)) return decoder.error();
  const std::int64_t height = decoder.height();
  const std::int64_t width = decoder.width();
  const auto most_bits = static_cast<std::int64_t>(bytes.size()) * kDeflateRatio * 8;
  const int bits = decoder.bit_depth() * static_cast<int>(decoder.channels());
  SL_TRY_STATUS(check_image_size(height, width, most_bits / bits));
  const bool is_indexed = decoder.color_type() == PNG_COLOR_TYPE_PALETTE;
  if (kind == PixelKind::Index &&
      !(is_indexed || (decoder.color_type() == PNG_COLOR_TYPE_GRAY && decoder.bit_depth() <= 8))) {
    return Error{ErrorCode::Unsupported,
                 "PNG holds colors, not class indices; save it with a palette or as 8-bit grey"};
  }
  SL_TRY(Raster raster, read_raster(decoder));
  if (kind == PixelKind::Index) {
    Image image;
    image.height = height;
    image.width = width;
    image.channels = 1;
    image.pixels = std::move(raster.bytes);
    return image;
  }
  if (is_indexed) return from_palette(raster, decoder.palette(), Image(height, width, 3));
  return to_rgb(raster, Image(height, width, 3));
}

}  // namespace sluice::data
