// SPDX-License-Identifier: Apache-2.0
// JPEG and PNG files made in memory, for tests of what reads them.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <png.h>
#include <utility>
#include <vector>

#include "sluice/data/image.hpp"

namespace sluice::data {

// Quality 95, no chroma subsampling; 1 channel grey, 3 RGB, 4 CMYK (as given, not inverted).
inline std::vector<std::byte> encode_jpeg(const Image& image) {
  jpeg_compress_struct info{};
  jpeg_error_mgr manager{};
  info.err = jpeg_std_error(&manager);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.input_components = static_cast<int>(image.channels);
  info.in_color_space =
      image.channels == 1 ? JCS_GRAYSCALE : (image.channels == 3 ? JCS_RGB : JCS_CMYK);
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  for (int c = 0; c < info.num_components; ++c) {
    info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
  }
  jpeg_start_compress(&info, TRUE);
  for (std::int64_t y = 0; y < image.height; ++y) {
    auto* row = const_cast<JSAMPROW>(image.row(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(buffer);
  std::vector<std::byte> out(begin, begin + size);
  std::free(buffer);
  return out;
}

struct PngOptions {
  int bit_depth = 8;
  int color_type = PNG_COLOR_TYPE_RGB;
  std::vector<png_color> palette = {};
};

// `rows` hold the samples as the file does: packed below 8 bits, big-endian at 16.
inline std::vector<std::byte> encode_png(std::vector<std::vector<png_byte>> rows,
                                         std::int64_t width, const PngOptions& options) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, png_size_t size) {
        auto& bytes = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(p));
        const auto* begin = reinterpret_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), begin, begin + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(rows.size()),
               options.bit_depth, options.color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  if (!options.palette.empty()) {
    png_set_PLTE(png, info, options.palette.data(), static_cast<int>(options.palette.size()));
  }
  png_write_info(png, info);
  for (auto& row : rows) png_write_row(png, row.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

// An RGB PNG of the image.
inline std::vector<std::byte> encode_png(const Image& image) {
  std::vector<std::vector<png_byte>> rows;
  rows.reserve(static_cast<std::size_t>(image.height));
  for (std::int64_t y = 0; y < image.height; ++y) {
    rows.emplace_back(image.row(y), image.row(y) + image.row_bytes());
  }
  return encode_png(std::move(rows), image.width, {});
}

// Red grows to the right, green downwards, blue both.
inline Image gradient(std::int64_t height, std::int64_t width, std::int64_t channels = 3) {
  Image image(height, width, channels);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t value = c == 0 ? x * 9 : (c == 1 ? y * 7 : x * 3 + y * 5);
        image.row(y)[x * channels + c] = static_cast<std::uint8_t>(value % 256);
      }
    }
  }
  return image;
}

}  // namespace sluice::data
