// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/mixup.hpp"

#include <cmath>

namespace sluice::train {
namespace {

// Gamma(shape, 1) by Marsaglia and Tsang (2000); a shape below 1 from that of one more.
double draw_gamma(double shape, Rng& rng) {
  if (shape < 1) {
    const double uniform = 1 - rng.real();  // above 0
    return draw_gamma(shape + 1, rng) * std::pow(uniform, 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double uniform = 1 - rng.real();
    if (std::log(uniform) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace

double draw_symmetric_beta(double alpha, Rng& rng) {
  const double a = draw_gamma(alpha, rng), b = draw_gamma(alpha, rng);
  // Both may be too small for a double where α is tiny: then it is one end or the other.
  if (a + b > 0) return a / (a + b);
  return rng.real() < 0.5 ? 0 : 1;
}

Mixture draw_mixture(std::uint64_t seed, std::int64_t step, std::int64_t count, double alpha) {
  // A stream of its own for each step: resuming draws what an uninterrupted run drew.
  constexpr std::uint64_t kMixup = 0x6d69787570ULL;
  Rng rng((seed ^ kMixup) + (static_cast<std::uint64_t>(step) << 20U));
  const double share = draw_symmetric_beta(alpha, rng);
  return {share, permutation(count, rng)};
}

at::Tensor mixed(const at::Tensor& rows, const Mixture& mixture) {
  const at::Tensor partners = at::tensor(mixture.partners, rows.options().dtype(at::kLong));
  return rows * mixture.share + rows.index_select(0, partners) * (1 - mixture.share);
}

}  // namespace sluice::train
