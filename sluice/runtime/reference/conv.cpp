// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/threads.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/taps.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

using Extents = std::span<const std::int64_t>;

// Where the weights of output channel m (counted within its group) and input channel c (likewise)
// begin, in elements: group·group_stride + m·out_stride + c·in_stride.
struct WeightStrides {
  std::int64_t group, out, in;
};

// y[n, m, at] = b[m] + Σ w·x over the input channels of m's group and the taps at `at`.
// taps_at(at) gives those of the window, or of the transposed window.
template <class TapsAt>
Status convolve(const KernelArgs& args, std::int64_t group, const WeightStrides& strides,
                TapsAt taps_at) {
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  SL_TRY(const std::vector<double> w, read_floats(args.in(1)));
  const Shape& x_shape = args.in(0).shape();
  const Shape& y_shape = args.out().shape();
  const std::int64_t out_channels = y_shape[1];
  std::vector<double> b(static_cast<std::size_t>(out_channels), 0.0);
  if (args.has(2)) {
    SL_TRY(b, read_floats(args.in(2)));
  }
  const Extents y_spatial = Extents(y_shape).subspan(2);
  const std::int64_t x_size = num_elements(Extents(x_shape).subspan(2));
  const std::int64_t y_size = num_elements(y_spatial);
  const std::int64_t group_in = x_shape[1] / group;
  const std::int64_t group_out = out_channels / group;

  std::vector<double> y(static_cast<std::size_t>(args.out().num_elements()));
  // Positions one thread should at least get: fewer are not worth starting it.
  const std::int64_t grain = 1 + (1 << 15) / (num_elements(args.in(1).shape()) + 1);
  parallel_for(y_size, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at) {
      const std::vector<Tap> taps = taps_at(index_of(at, y_spatial));
      for (std::int64_t nm = 0; nm < x_shape[0] * out_channels; ++nm) {
        const std::int64_t n = nm / out_channels;
        const std::int64_t m = nm % out_channels;
        const std::int64_t g = m / group_out;
        double sum = b.data()[m];
        for (std::int64_t c = 0; c < group_in; ++c) {
          const double* x_plane = x.data() + ((n * group + g) * group_in + c) * x_size;
          const double* w_plane =
              w.data() + g * strides.group + m % group_out * strides.out + c * strides.in;
          for (const Tap& tap : taps) sum += w_plane[tap.kernel] * x_plane[tap.input];
        }
        y.data()[nm * y_size + at] = sum;
      }
    }
  });
  return write_floats(y, args.out());
}

}  // namespace

Status run(const ir::Conv& op, const KernelArgs& args) {
  const Shape& x = args.in(0).shape();
  const Shape& w = args.in(1).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, w));
  const std::int64_t kernel_size = num_elements(window.kernel);
  // w is [group, M/group, C/group, kernel…].
  const WeightStrides strides{
      .group = w[0] / op.group * w[1] * kernel_size, .out = w[1] * kernel_size, .in = kernel_size};
  return convolve(args, op.group, strides,
                  [&](const Index& at) { return window_taps(window, Extents(x).subspan(2), at); });
}

Status run(const ir::ConvTranspose& op, const KernelArgs& args) {
  const Shape& x = args.in(0).shape();
  const Shape& w = args.in(1).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, w));
  const std::int64_t kernel_size = num_elements(window.kernel);
  // w is [group, C/group, M/group, kernel…].
  const WeightStrides strides{
      .group = w[0] / op.group * w[1] * kernel_size, .out = kernel_size, .in = w[1] * kernel_size};
  return convolve(args, op.group, strides, [&](const Index& at) {
    return transposed_taps(window, Extents(x).subspan(2), at);
  });
}

}  // namespace sluice::runtime::reference
