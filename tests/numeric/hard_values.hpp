// SPDX-License-Identifier: Apache-2.0
// Inputs that find differences between two snaps: special values, ties, random bit patterns; and
// grids of every kind.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "sluice/base/shape.hpp"
#include "sluice/numeric/affine.hpp"

namespace sluice::numeric {

inline std::vector<float> hard_values(std::size_t count, std::uint32_t seed) {
  using Limits = std::numeric_limits<float>;
  std::vector<float> values{0.0F,
                            -0.0F,
                            Limits::infinity(),
                            -Limits::infinity(),
                            Limits::quiet_NaN(),
                            -Limits::quiet_NaN(),
                            Limits::max(),
                            Limits::lowest(),
                            Limits::min(),
                            -Limits::min(),
                            Limits::denorm_min(),
                            -Limits::denorm_min(),
                            0.5F,
                            -0.5F,
                            1.5F,
                            -1.5F,
                            2.5F,
                            -2.5F,
                            127.5F,
                            -128.5F,
                            0x1p23F,
                            -0x1p23F,
                            0x1p24F,
                            0x1p31F,
                            -0x1p31F,
                            0x1p62F,
                            -0x1p63F};
  std::mt19937 random(seed);
  while (values.size() < count) {
    const auto draw = random();
    switch (draw % 4) {
      case 0:
        values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
        break;
      case 1:  // small multiples of 1/16: ties of the fixed grids
        values.push_back(static_cast<float>(static_cast<int>(random() % 4096) - 2048) / 16);
        break;
      default:
        values.push_back(static_cast<float>(static_cast<int>(random())) * 0x1p-30F);
    }
  }
  values.resize(count);
  // The special values anywhere, so that they meet every lane.
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
  return values;
}

// The bits, so that NaN equals itself and −0 is not 0.
inline std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  bits.reserve(values.size());
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

inline void add_affine_grids(std::int64_t channels, std::vector<Grid>& grids) {
  for (const int bits : {2, 8, 16, 24}) {
    std::vector<Range> ranges;
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto place = static_cast<float>(c);
      ranges.push_back({c % 3 == 0 ? 0.0F : -0.3F * place, 0.7F + place});
    }
    grids.emplace_back(affine_grid(ranges, bits, 1));
    grids.emplace_back(affine_grid(std::vector<Range>{{-1.3F, 2.9F}}, bits, 1));
    grids.emplace_back(affine_grid(std::vector<Range>{{0, 0}}, bits, 1));
    grids.emplace_back(affine_grid(std::vector<Range>{{0.5F, 1}}, bits, 1));
  }
}

inline void add_fixed_grids(Rounding rounding, Overflow overflow, std::vector<Grid>& grids) {
  for (const int bits : {2, 8, 16, 24}) {
    for (const int fraction_bits : {kMinFractionBits, -3, 0, 4, 23, kMaxFractionBits}) {
      grids.emplace_back(FixedGrid{bits, fraction_bits, true, rounding, overflow});
      if (overflow == Overflow::WrapSignMagnitude) continue;
      grids.emplace_back(FixedGrid{bits, fraction_bits, false, rounding, overflow});
    }
  }
}

inline void add_block_grids(Rounding rounding, std::vector<Grid>& grids) {
  for (const int mantissa_bits : {1, 7, 23}) {
    for (const BlockShape shape : {BlockShape::Tensor, BlockShape::Channel, BlockShape::Run}) {
      for (const bool symmetric : {false, true}) {
        for (const bool batched : {false, true}) {
          grids.emplace_back(BlockGrid{mantissa_bits, shape, 5, 1, batched, symmetric, rounding});
        }
      }
    }
  }
}

// Grids of every kind for a tensor of rank 2 or more, `channels` along axis 1.
inline std::vector<Grid> every_grid(std::int64_t channels) {
  std::vector<Grid> grids;
  add_affine_grids(channels, grids);
  for (int mode = 0; mode <= static_cast<int>(Rounding::HalfToEven); ++mode) {
    const auto rounding = static_cast<Rounding>(mode);
    for (int wide = 0; wide <= static_cast<int>(Overflow::WrapSignMagnitude); ++wide) {
      add_fixed_grids(rounding, static_cast<Overflow>(wide), grids);
    }
    add_block_grids(rounding, grids);
  }
  return grids;
}

// Tensors whose channels are innermost, next to one another in short or long rows, or alone.
inline std::vector<Shape> hard_shapes() {
  return {{3, 7, 5, 9}, {41, 37}, {2, 13, 3}, {1, 3, 64}, {2, 1, 50}, {1, 200}, {2, 0, 4}};
}

}  // namespace sluice::numeric
