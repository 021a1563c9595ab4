// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/dense.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sluice/base/assert.hpp"
#include "sluice/base/divide.hpp"
#include "sluice/exact/simd/code.hpp"

namespace sluice::exact {
namespace {

// Pixels that go through all panels of weights together, so that weights which do not fit in a
// cache are read once for all of them; fewer, if their gathered rows fill that cache themselves.
constexpr std::int64_t kBlockRows = 8 * kMaxTileRows;
constexpr std::int64_t kGatheredBytes = 256 << 10;
constexpr std::int64_t kMaxAccumulators = kBlockRows * kMaxPanelLanes + kMaxLanes;

}  // namespace

// Some pixels on their way through all panels.
struct DenseConv::Block {
  std::int64_t num_rows = 0;
  std::int64_t num_pieces = 0, piece_steps = 0, offset = 0;
  const std::byte* const* rows = nullptr;  // of the input itself; else gathered
  std::array<const std::byte*, kBlockRows> gathered;
  std::array<std::int32_t, kBlockRows> sums;  // of the codes of a row, if weight_zeros_ needs them

  [[nodiscard]] const std::byte* const* row(std::int64_t r) const {
    return (rows != nullptr ? rows : gathered.data()) + r * num_pieces;
  }
};

DenseConv::DenseConv(const ConvLayer& layer, const std::optional<ConvOutput>& output,
                     const DenseKernels& kernels)
    : kernels_(&kernels),
      gather_(gather_kernel()),
      taps_(layer.taps),
      channels_(layer.channels),
      out_channels_(layer.out_channels),
      input_type_(layer.input_type),
      input_zero_point_(layer.input_zero_point) {
  const std::int64_t depth = taps_ * channels_;
  SL_ASSERT(static_cast<std::int64_t>(layer.weights.size()) == out_channels_ * depth,
            "a weight an output channel, tap and channel");
  const std::int64_t largest = largest_accumulator(layer, false);
  SL_ASSERT(largest < std::int64_t{1} << 31, "accumulators fit in 32 bits");
  is_direct_ = !kernels.is_widening && channels_ % kStepBytes == 0;
  row_steps_ = divide_up(depth, kernels.is_widening ? kStepBytes / 2 : kStepBytes);
  const std::int64_t tiles = kGatheredBytes / (row_steps_ * kStepBytes * kernels.max_rows);
  const std::int64_t most = kBlockRows / kernels.max_rows;
  block_rows_ = kernels.max_rows * (is_direct_ ? most : std::clamp<std::int64_t>(tiles, 1, most));
  choose_packed_zeros(layer);
  pack(layer);
  fold_zero_points(layer);
  if (!output) return;
  stage_.emplace(*output, out_channels_, largest);
  if (weight_zeros_.empty()) fused_ = stage_->kernel_of(kernels.fused);
}

void DenseConv::pack(const ConvLayer& layer) {
  const std::int64_t depth = taps_ * channels_;
  const std::int64_t vectors = divide_up(out_channels_, kernels_->lanes);
  weights_.resize(static_cast<std::size_t>(vectors * kernels_->lanes * row_steps_ * kStepBytes));
  const std::int64_t step_codes = kernels_->is_widening ? kStepBytes / 2 : kStepBytes;
  for (std::int64_t m = 0; m < out_channels_; ++m) {
    const std::int64_t vector = m / kernels_->lanes;
    const std::int64_t first_vector = vector - vector % kPanelVectors;
    const std::int64_t panel_lanes =
        std::min(kPanelVectors, vectors - first_vector) * kernels_->lanes;
    const std::int64_t first_lane = first_vector * kernels_->lanes;
    std::byte* step = weights_.data() + (first_lane * row_steps_ + m - first_lane) * kStepBytes;
    for (std::int64_t k = 0; k < depth; k += step_codes, step += panel_lanes * kStepBytes) {
      pack_step(layer, m, k, std::min(step_codes, depth - k), step);
    }
  }
}

// The codes that quads hold as 0, which are subtracted from a channel's weights: their zero point
// where the rest fits in int8, else the middle of their type.
void DenseConv::choose_packed_zeros(const ConvLayer& layer) {
  const std::int64_t depth = taps_ * channels_;
  packed_zeros_.reserve(static_cast<std::size_t>(out_channels_));
  for (std::int64_t m = 0; m < out_channels_; ++m) {
    const std::int32_t zero = zero_point_of(layer, m);
    bool fits = true;
    for (std::int64_t k = 0; k < depth && fits; ++k) {
      const std::int32_t weight =
          code_at(layer.weights.data(), layer.weight_type, m * depth + k) - zero;
      fits = weight >= -128 && weight <= 127;
    }
    const std::int32_t middle = layer.weight_type == DType::Int8 ? 0 : 128;
    packed_zeros_.push_back(fits ? zero : middle);
  }
}

// The weights [k, k + count) of output channel m.
void DenseConv::pack_step(const ConvLayer& layer, std::int64_t m, std::int64_t k,
                          std::int64_t count, std::byte* step) const {
  const std::byte* codes = layer.weights.data() + m * taps_ * channels_ + k;
  for (std::int64_t i = 0; i < count; ++i) {
    if (kernels_->is_widening) {
      const auto weight =
          static_cast<std::int16_t>(code_at(codes, layer.weight_type, i) - zero_point_of(layer, m));
      std::memcpy(step + 2 * i, &weight, sizeof(weight));
    } else {
      step[i] = static_cast<std::byte>(static_cast<std::uint8_t>(
          code_at(codes, layer.weight_type, i) - packed_zeros_[static_cast<std::size_t>(m)]));
    }
  }
}

// Widened codes are stored less their zero points. For quads, with u the input's codes as uint8, w
// the weights as int8, zu and zw their zero points in these types,
//   Σ (w − zw)(u − zu) = Σ w·u − zu·Σ w − zw·Σ u + depth·zw·zu:
// all but the third term is known beforehand.
void DenseConv::fold_zero_points(const ConvLayer& layer) {
  const std::int64_t depth = taps_ * channels_;
  const std::int64_t vectors = divide_up(out_channels_, kernels_->lanes);
  bias_.resize(static_cast<std::size_t>(vectors * kernels_->lanes));
  const std::int64_t zu = input_zero_point_ + (layer.input_type == DType::Int8 ? 128 : 0);
  for (std::int64_t m = 0; m < out_channels_; ++m) {
    std::int64_t bias = bias_of(layer, m);
    if (!kernels_->is_widening) {
      const std::int32_t packed_zero = packed_zeros_[static_cast<std::size_t>(m)];
      const std::int32_t zw = zero_point_of(layer, m) - packed_zero;
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) {
        sum += code_at(layer.weights.data(), layer.weight_type, m * depth + k) - packed_zero;
      }
      bias += depth * zw * zu - zu * sum;
      if (zw != 0) {
        weight_zeros_.resize(bias_.size());
        weight_zeros_[static_cast<std::size_t>(m)] = zw;
      }
    }
    bias_[static_cast<std::size_t>(m)] = wrapped(bias);
  }
  if (weight_zeros_.empty()) return;
  ones_.assign(static_cast<std::size_t>(row_steps_ * kernels_->lanes * kStepBytes), std::byte{1});
}

std::size_t DenseConv::scratch_bytes() const noexcept {
  return is_direct_ ? 0 : static_cast<std::size_t>(block_rows_ * row_steps_ * kStepBytes);
}

// The products with weights of 1.
void DenseConv::sum_codes(Block& block) const noexcept {
  std::array<std::int32_t, kMaxTileRows * kMaxDenseLanes> acc;
  static constexpr std::array<std::int32_t, kMaxDenseLanes> kNoBias{};
  for (std::int64_t first = 0; first < block.num_rows; first += kernels_->max_rows) {
    const std::int64_t num_rows = std::min(kernels_->max_rows, block.num_rows - first);
    kernels_->tile({.rows = block.row(first),
                    .num_pieces = block.num_pieces,
                    .offset = block.offset,
                    .piece_steps = block.piece_steps,
                    .is_signed = is_direct_ && input_type_ == DType::Int8,
                    .weights = ones_.data(),
                    .bias = kNoBias.data(),
                    .acc = acc.data()},
                   num_rows, 1);
    for (std::int64_t r = 0; r < num_rows; ++r) {
      block.sums[static_cast<std::size_t>(first + r)] =
          acc[static_cast<std::size_t>(r * kernels_->lanes)];
    }
  }
}

DenseConv::Block DenseConv::make_block(const TapRows& input, std::int64_t first_pixel,
                                       std::span<std::byte> scratch) const noexcept {
  Block block;
  block.num_rows = std::min(block_rows_, input.num_pixels - first_pixel);
  const std::byte* const* rows = input.rows + first_pixel * taps_;
  if (is_direct_) {
    block.num_pieces = taps_;
    block.piece_steps = channels_ / kStepBytes;
    block.offset = input.offset;
    block.rows = rows;
  } else {
    block.num_pieces = 1;
    block.piece_steps = row_steps_;
    const std::int64_t row_bytes = row_steps_ * kStepBytes;
    gather_({.rows = rows,
             .taps = taps_,
             .channels = channels_,
             .offset = input.offset,
             .is_signed = input_type_ == DType::Int8,
             .is_widening = kernels_->is_widening,
             .zero_point = input_zero_point_,
             .row_bytes = row_bytes,
             .to = scratch.data()},
            block.num_rows);
    for (std::int64_t r = 0; r < block.num_rows; ++r) {
      block.gathered[static_cast<std::size_t>(r)] = scratch.data() + r * row_bytes;
    }
  }
  if (!weight_zeros_.empty()) sum_codes(block);
  return block;
}

// Rows of a block by a panel.
DenseTile DenseConv::tile_at(const Block& block, std::int64_t first_row,
                             std::int64_t first_channel) const noexcept {
  return {.rows = block.row(first_row),
          .num_pieces = block.num_pieces,
          .offset = block.offset,
          .piece_steps = block.piece_steps,
          .is_signed = is_direct_ && input_type_ == DType::Int8,
          .weights = weights_.data() + first_channel * row_steps_ * kStepBytes,
          .bias = bias_.data() + first_channel,
          .acc = nullptr};
}

// A panel's accumulators of the block's rows from first_row on, all its tiles.
void DenseConv::multiply(const Block& block, std::int64_t first_row, const Panel& panel,
                         std::int32_t* acc) const noexcept {
  const std::int64_t lanes = panel.num_vectors * kernels_->lanes;
  const std::int64_t rows = block.num_rows - first_row;
  const std::int64_t num_tiles = divide_up(rows, kernels_->max_rows);
  for (std::int64_t t = 0; t < num_tiles; ++t) {
    const std::int64_t first = rows * t / num_tiles;
    const std::int64_t num_rows = rows * (t + 1) / num_tiles - first;
    DenseTile tile = tile_at(block, first_row + first, panel.first_channel);
    tile.acc = acc + first * lanes;
    kernels_->tile(tile, num_rows, panel.num_vectors);
  }
  if (weight_zeros_.empty()) return;
  const std::int32_t* zeros = weight_zeros_.data() + panel.first_channel;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    if (zeros[lane] == 0) continue;
    for (std::int64_t r = 0; r < rows; ++r) {
      std::int32_t& sum = acc[r * lanes + lane];
      const std::int32_t codes = block.sums[static_cast<std::size_t>(first_row + r)];
      sum = wrapped(sum - std::int64_t{zeros[lane]} * codes);
    }
  }
}

// The codes of as many of a block's rows as fill tiles; how many these are.
std::int64_t DenseConv::run_fused(const Block& block, const Panel& panel,
                                  PixelRows<std::byte> out) const noexcept {
  if (fused_ == nullptr) return 0;
  const std::int64_t rows = block.num_rows / kernels_->max_rows * kernels_->max_rows;
  const LaneParams params = stage_->params_from(panel.first_channel);
  for (std::int64_t first = 0; first < rows; first += kernels_->max_rows) {
    fused_(tile_at(block, first, panel.first_channel),
           {params, panel.num_channels, {out.data + first * out.stride, out.stride}},
           panel.num_vectors);
  }
  return rows;
}

// Calls sink(block, its first pixel, panel) for each block and panel.
template <class Sink>
void DenseConv::for_each_panel(const TapRows& input, std::span<std::byte> scratch,
                               const Sink& sink) const noexcept {
  SL_DASSERT(scratch.size() >= scratch_bytes(), "room to gather");
  const std::int64_t vectors = divide_up(out_channels_, kernels_->lanes);
  for (std::int64_t pixel = 0; pixel < input.num_pixels; pixel += block_rows_) {
    const Block block = make_block(input, pixel, scratch);
    for (std::int64_t vector = 0; vector < vectors; vector += kPanelVectors) {
      const std::int64_t num_vectors = std::min(kPanelVectors, vectors - vector);
      const std::int64_t first_channel = vector * kernels_->lanes;
      const std::int64_t channels =
          std::min(num_vectors * kernels_->lanes, out_channels_ - first_channel);
      sink(block, pixel, Panel{first_channel, channels, num_vectors});
    }
  }
}

void DenseConv::run(const TapRows& input, PixelRows<std::byte> out,
                    std::span<std::byte> scratch) const noexcept {
  SL_ASSERT(stage_, "a layer with an output");
  alignas(64) std::array<std::int32_t, kMaxAccumulators> acc;
  for_each_panel(input, scratch, [&](const Block& block, std::int64_t pixel, const Panel& panel) {
    std::byte* to = out.data + pixel * out.stride + panel.first_channel;
    const std::int64_t done = run_fused(block, panel, {to, out.stride});
    if (done == block.num_rows) return;
    multiply(block, done, panel, acc.data());
    stage_->run(panel.first_channel, panel.num_channels, block.num_rows - done,
                {acc.data(), panel.num_vectors * kernels_->lanes},
                {to + done * out.stride, out.stride});
  });
}

void DenseConv::accumulate(const TapRows& input, PixelRows<std::int32_t> out,
                           std::span<std::byte> scratch) const noexcept {
  alignas(64) std::array<std::int32_t, kMaxAccumulators> acc;
  for_each_panel(input, scratch, [&](const Block& block, std::int64_t pixel, const Panel& panel) {
    multiply(block, 0, panel, acc.data());
    for (std::int64_t p = 0; p < block.num_rows; ++p) {
      std::copy_n(acc.data() + p * panel.num_vectors * kernels_->lanes, panel.num_channels,
                  out.data + (pixel + p) * out.stride + panel.first_channel);
    }
  });
}

}  // namespace sluice::exact
