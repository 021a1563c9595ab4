// SPDX-License-Identifier: Apache-2.0
// The decoders behind decode_image, and the check on sizes they share.
#pragma once

#include "sluice/data/image.hpp"

namespace sluice::data {

[[nodiscard]] Result<Image> decode_jpeg(std::span<const std::byte> bytes, PixelKind kind);
[[nodiscard]] Result<Image> decode_png(std::span<const std::byte> bytes, PixelKind kind);

// Refuses an image larger than kMaxImagePixels, or than `most_pixels`, which the caller works out
// from the file's size and the format's best compression: memory stays in proportion to the file.
[[nodiscard]] Status check_image_size(std::int64_t height, std::int64_t width,
                                      std::int64_t most_pixels);

}  // namespace sluice::data
