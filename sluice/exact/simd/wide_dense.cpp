// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_dense.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"

namespace sluice::exact {
namespace {

// Pixels that go through all panels of weights together: their accumulators of a panel stay in the
// first cache.
constexpr std::int64_t kWideBlockRows = 48;
constexpr std::int64_t kStepCodes = 2;

// uint16 codes as int16, 2^15 less.
void flip(std::span<std::byte> codes) {
  for (std::size_t i = 1; i < codes.size(); i += 2) codes[i] ^= std::byte{0x80};
}

}  // namespace

// Some pixels on their way through all panels.
struct WideDense::Block {
  std::int64_t num_rows = 0;
  std::int64_t num_pieces = 0, piece_steps = 0, offset = 0;
  const std::byte* const* rows = nullptr;  // of the input itself; else gathered
  std::array<const std::byte*, kWideBlockRows> gathered;

  [[nodiscard]] const std::byte* const* row(std::int64_t r) const {
    return (rows != nullptr ? rows : gathered.data()) + r * num_pieces;
  }
};

WideDense::WideDense(const WideLayer& layer, const std::optional<WideOutput>& output,
                     const WideDenseKernels& kernels)
    : kernels_(&kernels),
      gather_(gather_kernel()),
      taps_(layer.taps),
      channels_(layer.channels),
      out_channels_(layer.out_channels),
      input_type_(layer.input_type) {
  const std::int64_t depth = taps_ * channels_;
  SL_ASSERT(static_cast<std::int64_t>(layer.weights.size()) == out_channels_ * depth &&
                static_cast<std::int64_t>(layer.bias.size()) == out_channels_,
            "a weight an output channel, tap and channel, and a bias an output channel");
  SL_ASSERT(fits_wide_kernels(layer, false), "sums of two products fit in 32 bits");
  is_direct_ = input_type_ == DType::Int16 && channels_ % kStepCodes == 0;
  row_steps_ = divide_up(depth, kStepCodes);
  pack(layer);
  if (output) stage_.emplace(*output, bias_);
}

void WideDense::pack(const WideLayer& layer) {
  const std::int64_t depth = taps_ * channels_;
  const std::int64_t lanes = kernels_->lanes;
  const std::int64_t vectors = divide_up(out_channels_, lanes);
  weights_.resize(static_cast<std::size_t>(vectors * lanes * row_steps_ * kStepBytes));
  const std::int64_t offset = input_type_ == DType::UInt16 ? 1 << 15 : 0;
  bias_.assign(layer.bias.begin(), layer.bias.end());
  for (std::int64_t m = 0; m < out_channels_; ++m) {
    const std::int64_t vector = m / lanes;
    const std::int64_t first_vector = vector - vector % kPanelVectors;
    const std::int64_t panel_lanes = std::min(kPanelVectors, vectors - first_vector) * lanes;
    const std::int64_t lane = (vector - first_vector) * lanes + wide_lane(m % lanes, lanes);
    std::byte* step = weights_.data() + (first_vector * lanes * row_steps_ + lane) * kStepBytes;
    const std::int16_t* row = layer.weights.data() + m * depth;
    for (std::int64_t k = 0; k < depth; k += kStepCodes, step += panel_lanes * kStepBytes) {
      const std::int64_t count = std::min(kStepCodes, depth - k);
      std::memcpy(step, row + k, static_cast<std::size_t>(count) * sizeof(std::int16_t));
      for (std::int64_t i = k; i < k + count; ++i) {
        bias_.data()[m] += offset * std::int64_t{row[i]};
      }
    }
  }
  for (std::int64_t first = 0; first < out_channels_; first += kPanelVectors * lanes) {
    const std::int64_t count = std::min(kPanelVectors * lanes, out_channels_ - first);
    segments_.push_back(*segments_of(layer, false, first, count));
    segments_.back().push_back(0);
  }
}

std::size_t WideDense::scratch_bytes() const noexcept {
  return is_direct_ ? 0 : static_cast<std::size_t>(kWideBlockRows * row_steps_ * kStepBytes);
}

WideDense::Block WideDense::make_block(const TapRows& input, std::int64_t first_pixel,
                                       std::span<std::byte> scratch) const noexcept {
  Block block;
  block.num_rows = std::min(kWideBlockRows, input.num_pixels - first_pixel);
  const std::byte* const* rows = input.rows + first_pixel * taps_;
  if (is_direct_) {
    block.num_pieces = taps_;
    block.piece_steps = channels_ / kStepCodes;
    block.offset = input.offset;
    block.rows = rows;
    return block;
  }
  const bool is_wide = code_bytes(input_type_) == 2;
  block.num_pieces = 1;
  block.piece_steps = row_steps_;
  const std::int64_t row_bytes = row_steps_ * kStepBytes;
  // Codes of 16 bits are moved as bytes.
  gather_({.rows = rows,
           .taps = taps_,
           .channels = is_wide ? 2 * channels_ : channels_,
           .offset = input.offset,
           .is_signed = input_type_ == DType::Int8,
           .is_widening = !is_wide,
           .zero_point = 0,
           .row_bytes = row_bytes,
           .to = scratch.data()},
          block.num_rows);
  if (input_type_ == DType::UInt16) {
    flip(scratch.first(static_cast<std::size_t>(block.num_rows * row_bytes)));
  }
  for (std::int64_t r = 0; r < block.num_rows; ++r) {
    block.gathered[static_cast<std::size_t>(r)] = scratch.data() + r * row_bytes;
  }
  return block;
}

// A panel's sums of a block, all its tiles.
void WideDense::multiply(const Block& block, std::int64_t panel, std::int64_t num_vectors,
                         std::int64_t* acc) const noexcept {
  const Segments& segments = segments_[static_cast<std::size_t>(panel)];
  const auto num_segments = static_cast<std::int64_t>(segments.size()) - 1;
  const std::int64_t lanes = num_vectors * kernels_->lanes;
  const std::int64_t first_lane = panel * kPanelVectors * kernels_->lanes;
  const bool are_long = row_steps_ >= kLongSegment * num_segments;
  const std::int64_t max_rows = num_segments == 1 ? kernels_->max_single_rows
                                : are_long        ? kernels_->max_long_rows
                                                  : kernels_->max_rows;
  const std::int64_t num_tiles = divide_up(block.num_rows, max_rows);
  for (std::int64_t tile = 0; tile < num_tiles; ++tile) {
    const std::int64_t first = block.num_rows * tile / num_tiles;
    const std::int64_t num_rows = block.num_rows * (tile + 1) / num_tiles - first;
    kernels_->tile({.rows = block.row(first),
                    .num_pieces = block.num_pieces,
                    .offset = block.offset,
                    .piece_steps = block.piece_steps,
                    .weights = weights_.data() + first_lane * row_steps_ * kStepBytes,
                    .segments = segments.data(),
                    .num_segments = num_segments,
                    .acc = acc + first * lanes},
                   num_rows, num_vectors);
  }
}

// Calls sink(first channel, channels, first pixel, pixels, sums) for each panel of a block.
template <class Sink>
void WideDense::for_each_panel(const TapRows& input, std::span<std::byte> scratch,
                               const Sink& sink) const noexcept {
  SL_DASSERT(scratch.size() >= scratch_bytes(), "room to gather");
  alignas(64) std::array<std::int64_t, kWideBlockRows * kMaxPanelLanes> acc;
  const std::int64_t vectors = divide_up(out_channels_, kernels_->lanes);
  for (std::int64_t pixel = 0; pixel < input.num_pixels; pixel += kWideBlockRows) {
    const Block block = make_block(input, pixel, scratch);
    for (std::int64_t vector = 0; vector < vectors; vector += kPanelVectors) {
      const std::int64_t num_vectors = std::min(kPanelVectors, vectors - vector);
      const std::int64_t first_channel = vector * kernels_->lanes;
      const std::int64_t lanes = num_vectors * kernels_->lanes;
      multiply(block, vector / kPanelVectors, num_vectors, acc.data());
      sink(first_channel, std::min(lanes, out_channels_ - first_channel), pixel, block.num_rows,
           PixelRows<const std::int64_t>{acc.data(), lanes});
    }
  }
}

void WideDense::run(const TapRows& input, PixelRows<std::byte> out,
                    std::span<std::byte> scratch) const noexcept {
  SL_ASSERT(stage_, "a layer with an output");
  for_each_panel(input, scratch,
                 [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                     std::int64_t pixels, PixelRows<const std::int64_t> acc) {
                   std::byte* const to = out.data + pixel * out.stride;
                   stage_->run(channel, channels, pixels, acc,
                               {to + channel * stage_->code_bytes(), out.stride});
                 });
}

void WideDense::accumulate(const TapRows& input, PixelRows<std::int64_t> out,
                           std::span<std::byte> scratch) const noexcept {
  for_each_panel(input, scratch,
                 [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                     std::int64_t pixels, PixelRows<const std::int64_t> acc) {
                   add_bias(acc, bias_.data() + channel, pixels, channels,
                            {out.data + pixel * out.stride + channel, out.stride});
                 });
}

}  // namespace sluice::exact
