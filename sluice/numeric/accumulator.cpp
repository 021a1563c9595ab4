// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/accumulator.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace sluice::numeric {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

// The low bits, as two's complement reads them.
std::int64_t wrapped(std::uint64_t value, int bits) {
  const int above = 64 - bits;
  return static_cast<std::int64_t>(value << above) >> above;
}

}  // namespace

Status check_accumulator(const Accumulator& accumulator) {
  if (accumulator.bits < kMinAccumulatorBits || accumulator.bits > kMaxAccumulatorBits) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("has an accumulator of {} bits, must be {} to {}", accumulator.bits,
                             kMinAccumulatorBits, kMaxAccumulatorBits)};
  }
  if (accumulator.overflow != Overflow::Wrap && accumulator.overflow != Overflow::Saturate) {
    return Error{ErrorCode::InvalidArgument,
                 "has an accumulator that does neither wrap nor saturate, must do one of them"};
  }
  return {};
}

bool fits_64_bits(std::int64_t sum, std::int64_t term) noexcept {
  return term < 0 ? sum >= Limits::min() - term : sum <= Limits::max() - term;
}

std::int64_t add(std::int64_t sum, std::int64_t term, const Accumulator& accumulator) noexcept {
  if (accumulator.overflow == Overflow::Wrap) {
    return wrapped(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(term),
                   accumulator.bits);
  }
  const std::int64_t highest = Limits::max() >> (64 - accumulator.bits);
  const std::int64_t lowest = -highest - 1;
  if (!fits_64_bits(sum, term)) return term < 0 ? lowest : highest;
  return std::clamp(sum + term, lowest, highest);
}

}  // namespace sluice::numeric
