// SPDX-License-Identifier: Apache-2.0
// Rng: the one source of chance. The same seed gives the same bytes on every machine, because the
// distributions are ours too (the standard library's differ between vendors).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sluice {

// xoshiro256** (Blackman and Vigna, 2018), its state filled from the seed by splitmix64.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) noexcept;

  // The next 64 random bits.
  std::uint64_t next() noexcept;
  // Uniform in [0, bound), every value equally likely; bound >= 1.
  std::uint64_t below(std::uint64_t bound) noexcept;
  // Uniform in [low, high], both included; low <= high.
  std::int64_t integer(std::int64_t low, std::int64_t high) noexcept;
  // Uniform in [0, 1): a multiple of 2^-53.
  double real() noexcept;
  // Uniform in [low, high).
  double real(double low, double high) noexcept;
  // Standard normal, by Marsaglia's polar method with a logarithm of our own.
  double normal() noexcept;

  // Fisher-Yates: every order equally likely.
  template <class T>
  void shuffle(std::span<T> values) noexcept {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

// 0 … count-1 in random order.
[[nodiscard]] std::vector<std::int64_t> permutation(std::int64_t count, Rng& rng);

// The order torch.randperm(count) gives on the CPU after torch.manual_seed(seed), for fewer than
// 2^32 items: published calibration subsets are drawn by it.
[[nodiscard]] std::vector<std::int64_t> torch_permutation(std::int64_t count, std::uint32_t seed);

}  // namespace sluice
