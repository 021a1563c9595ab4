// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_bits.hpp"

#include <algorithm>
#include <span>

#include "sluice/base/shape.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/sparse/bit_kernels.hpp"

namespace sluice::sparse {
namespace {

// Where the element `index`, taken in `steps`, lies among positions with these strides.
std::size_t position_of(std::span<const std::int64_t> index, const ir::Dims& steps,
                        const Shape& strides) {
  std::int64_t position = 0;
  for (std::size_t i = 0; i < index.size(); ++i) position += index[i] * steps[i] * strides[i];
  return static_cast<std::size_t>(position);
}

// `count` bits, at most 64, of the string from `position` on.
std::uint64_t read_bits(const std::uint64_t* bits, std::size_t position, std::size_t count) {
  const std::uint64_t* at = bits + position / 64;
  const std::size_t shift = position % 64;
  std::uint64_t value = at[0] >> shift;
  if (shift + count > 64) value |= at[1] << (64 - shift);
  return count == 64 ? value : value & ((std::uint64_t{1} << count) - 1);
}

// Sets them; they were 0.
void write_bits(std::uint64_t* bits, std::size_t position, std::uint64_t value) {
  std::uint64_t* at = bits + position / 64;
  const std::size_t shift = position % 64;
  at[0] |= value << shift;
  if (shift > 0) at[1] |= value >> (64 - shift);
}

}  // namespace

ChannelBits::ChannelBits(const ConvWindows& conv) {
  const ir::ResolvedWindow& window = conv.window;
  const std::size_t rank = conv.spatial.size();
  const ir::Dims ones(rank, 1);
  Shape padded(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    padded[i] = conv.spatial[i] + window.pad_begin[i] + window.pad_end[i];
  }
  const Shape strides = strides_of(padded);
  num_words_ = words_of(static_cast<std::size_t>(num_elements(padded)));
  starts_.resize(num_words_ + kSpareWords);
  runtime::reference::for_each_index(window.kernel, [&](std::span<const std::int64_t> k) {
    taps_.push_back(position_of(k, window.dilations, strides));
  });
  runtime::reference::for_each_index(window.output, [&](std::span<const std::int64_t> y) {
    write_bits(starts_.data(), position_of(y, window.strides, strides), 1);
  });

  is_plain_ = padded == conv.spatial;
  // Negative padding cuts off what is before `first` and from `end` on.
  ir::Dims rows = conv.spatial;
  rows.back() = 1;
  const Shape image_strides = strides_of(conv.spatial);
  const std::int64_t first = std::max<std::int64_t>(0, -window.pad_begin.back());
  const std::int64_t end = conv.spatial.back() + std::min<std::int64_t>(0, window.pad_end.back());
  const auto length = static_cast<std::size_t>(std::max<std::int64_t>(0, end - first));
  runtime::reference::for_each_index(rows, [&](std::span<const std::int64_t> row) {
    ir::Dims from(row.begin(), row.end());
    from.back() = first;
    ir::Dims to = from;
    for (std::size_t i = 0; i < rank; ++i) {
      to[i] += window.pad_begin[i];
      if (to[i] < 0 || to[i] >= padded[i]) return;
    }
    add_run({position_of(from, ones, image_strides), position_of(to, ones, strides), length});
  });
}

void ChannelBits::add_run(const Run& run) {
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (run.from == last.from + last.length && run.to == last.to + last.length) {
      last.length += run.length;
      return;
    }
  }
  runs_.push_back(run);
}

void ChannelBits::write(const std::uint64_t* nonzero, std::uint64_t* string) const {
  std::fill_n(string, size(), 0);
  for (const Run& run : runs_) {
    for (std::size_t i = 0; i < run.length; i += 64) {
      const std::size_t count = std::min<std::size_t>(64, run.length - i);
      write_bits(string, run.to + i, read_bits(nonzero, run.from + i, count));
    }
  }
}

ChannelString::ChannelString(const ConvWindows& conv, const ChannelBits& layout)
    : conv_(conv),
      layout_(layout),
      elements_(static_cast<std::size_t>(num_elements(conv.spatial))),
      nonzero_(words_of(elements_)),
      string_(layout.size()) {}

std::size_t ChannelString::read(const Tensor& images, std::int64_t image, std::int64_t channel) {
  const auto index = static_cast<std::size_t>(image * conv_.channels + channel);
  const std::byte* elements =
      images.bytes().data() + index * elements_ * storage_bytes(images.dtype());
  std::uint64_t* packed = layout_.is_plain() ? string_.data() : nonzero_.data();
  const std::size_t num_nonzero =
      pack_nonzero(images.dtype(), elements, elements_, conv_.input_zero(channel), packed);
  if (!layout_.is_plain()) layout_.write(packed, string_.data());
  return num_nonzero;
}

}  // namespace sluice::sparse
