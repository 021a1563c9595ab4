// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/image.hpp"

#include <fmt/format.h>
#include <string_view>

#include "sluice/base/file.hpp"
#include "sluice/data/codec.hpp"

namespace sluice::data {

Status check_image_size(std::int64_t height, std::int64_t width, std::int64_t most_pixels) {
  if (height < 1 || width < 1) {
    return Error{ErrorCode::Parse, fmt::format("image of {}x{} pixels", height, width)};
  }
  if (width > kMaxImagePixels / height) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("image of {}x{} pixels, more than the {} allowed; scale it down",
                             height, width, kMaxImagePixels)};
  }
  if (width > most_pixels / height) {
    return Error{ErrorCode::Parse,
                 fmt::format("image claims {}x{} pixels, more than a file of its size can hold",
                             height, width)};
  }
  return {};
}

Result<Image> decode_image(std::span<const std::byte> bytes, PixelKind kind) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 8));
  if (head.starts_with("\xff\xd8\xff")) return decode_jpeg(bytes, kind);
  if (head == "\x89PNG\r\n\x1a\n") return decode_png(bytes, kind);
  if (bytes.empty()) return Error{ErrorCode::Parse, "image file is empty"};
  return Error{ErrorCode::Unsupported, "image is neither JPEG nor PNG; convert it"};
}

Result<Image> read_image(const std::filesystem::path& path, PixelKind kind) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto image = decode_image(file.bytes(), kind);
  if (!image) return std::move(image).error().at(path.string());
  return image;
}

}  // namespace sluice::data
