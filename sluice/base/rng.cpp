// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/rng.hpp"

#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "sluice/base/assert.hpp"

namespace sluice {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

// ln(x) for x in (0, 1) from additions, multiplications and divisions only: libm's logarithm may
// differ in the last bit from one version to the next. x = m·2^e with m in [√½, √2), and
// ln(m) = 2·(s + s³/3 + s⁵/5 + …) with s = (m-1)/(m+1), |s| < 0.172: twelve terms reach 2^-53.
double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752440) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  double sum = 0;
  for (int term = 23; term >= 1; term -= 2) sum = sum * (s * s) + 1.0 / term;
  return exponent * 0.69314718055994530942 + 2 * s * sum;
}

}  // namespace

Rng::Rng(std::uint64_t seed) noexcept : state_() {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

std::uint64_t Rng::next() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) noexcept {
  SL_ASSERT(bound > 0, "no number is below zero");
  const std::uint64_t uneven =
      (0 - bound) % bound;  // 2^64 mod bound: these would come up once more
  std::uint64_t bits = next();
  while (bits < uneven) bits = next();
  return bits % bound;
}

std::int64_t Rng::integer(std::int64_t low, std::int64_t high) noexcept {
  SL_ASSERT(low <= high, "empty range");
  const std::uint64_t width =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t offset = width == 0 ? next() : below(width);  // 0: all 2^64 values
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

double Rng::real() noexcept {
  return static_cast<double>(next() >> 11U) * 0x1p-53;
}

double Rng::real(double low, double high) noexcept {
  return low + (high - low) * real();
}

double Rng::normal() noexcept {
  for (;;) {
    const double u = real(-1, 1);
    const double v = real(-1, 1);
    const double square = u * u + v * v;
    if (square > 0 && square < 1) return u * std::sqrt(-2 * portable_log(square) / square);
  }
}

std::vector<std::int64_t> permutation(std::int64_t count, Rng& rng) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  rng.shuffle(std::span(order));
  return order;
}

std::vector<std::int64_t> torch_permutation(std::int64_t count, std::uint32_t seed) {
  SL_ASSERT(count >= 0 && count <= 0xffffffff, "torch draws 64 bits a swap for more items");
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::mt19937 engine(seed);  // the standard fixes its output, unlike its distributions'
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    std::swap(order[i], order[i + engine() % (order.size() - i)]);
  }
  return order;
}

}  // namespace sluice
