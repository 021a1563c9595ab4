// SPDX-License-Identifier: Apache-2.0
// How the zeros of a layer's channels vary over time and together: what engines that skip zeros
// side by side wait for each other, and how deep buffers between them must be.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sluice/numeric/tensor.hpp"
#include "sluice/sparse/conv_windows.hpp"

namespace sluice::sparse {

// Longest moving average: sums of squares then fit in 64 bits for 10^11 windows of nine.
inline constexpr std::int64_t kMostAveragedWindows = 1024;

// Of N averages, channel by channel.
struct JointMoments {
  std::uint64_t samples = 0;        // N
  std::vector<double> mean;         // [channels]
  std::vector<double> variance;     // [channels], the mean square distance from the mean
  std::vector<double> covariance;   // [channels][channels], over N − 1
  std::vector<double> correlation;  // [channels][channels]; 0 where a channel does not vary
};

// Of the zeros among the inputs of a window, padding included, weights left aside. They are
// averaged over `length` windows after one another, row by row, as hardware meets them; averages
// lie within an image.
class JointZeros {
 public:
  // 1 ≤ length ≤ kMostAveragedWindows.
  JointZeros(ConvWindows conv, std::int64_t length);
  JointZeros(JointZeros&&) noexcept;
  JointZeros& operator=(JointZeros&&) noexcept;
  ~JointZeros();

  // Images [n, C, spatial…] of the input's type. Order does not matter; an image with fewer windows
  // than an average has none.
  void add(const Tensor& images);
  [[nodiscard]] JointMoments moments() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::sparse
