// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/taps.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

using Extents = std::span<const std::int64_t>;

// One window on one plane (the spatial elements of one channel of one image).
struct Patch {
  std::int64_t x_begin;              // where the plane begins in x
  std::int64_t y;                    // the element of the output
  const std::vector<Tap>& taps;      // may be empty: a window all in the padding
  std::span<const std::int64_t> at;  // its spatial position in the output
};

// Calls body(patch) for every output element.
template <class Body>
void for_each_patch(const ir::ResolvedWindow& window, const Shape& x, Body&& body) {
  const Extents x_spatial = Extents(x).subspan(2);
  const std::int64_t x_size = num_elements(x_spatial);
  const std::int64_t y_size = num_elements(window.output);
  std::int64_t position = 0;
  for_each_index(window.output, [&](Extents at) {
    const std::vector<Tap> taps = window_taps(window, x_spatial, at);
    for (std::int64_t plane = 0; plane < x[0] * x[1]; ++plane) {
      body(Patch{plane * x_size, plane * y_size + position, taps, at});
    }
    ++position;
  });
}

// The spatial element `i` of a row-major plane, counted with the first dimension fastest.
std::int64_t column_major(std::int64_t i, Extents spatial) {
  const Index index = index_of(i, spatial);
  std::int64_t result = 0;
  for (std::size_t d = spatial.size(); d-- > 0;) result = result * spatial[d] + index[d];
  return result;
}

// The first tap whose element is largest; a NaN is larger than all. Null if there are no taps.
template <class T>
const Tap* largest(const T* x, const std::vector<Tap>& taps) {
  const Tap* best = nullptr;
  for (const Tap& tap : taps) {
    const T value = x[tap.input];
    if (best == nullptr || value > x[best->input] || (is_nan(value) && !is_nan(x[best->input]))) {
      best = &tap;
    }
  }
  return best;
}

// y = f(the elements of the plane) for each plane.
template <class F>
Status reduce_planes(const KernelArgs& args, F f) {
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  const std::int64_t size = num_elements(Extents(args.in(0).shape()).subspan(2));
  std::vector<double> y;
  y.reserve(static_cast<std::size_t>(args.out().num_elements()));
  for (std::int64_t plane = 0; plane < args.out().num_elements(); ++plane) {
    y.push_back(f(std::span(x).subspan(static_cast<std::size_t>(plane * size),
                                       static_cast<std::size_t>(size))));
  }
  return write_floats(y, args.out());
}

}  // namespace

// The maximum of a window all in the padding is the least value of the type, its index −1.
Status run(const ir::MaxPool& op, const KernelArgs& args) {
  const Shape& shape = args.in(0).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape));
  const Extents spatial = Extents(shape).subspan(2);
  std::int64_t* indices =
      args.outputs.size() > 1 ? args.out(1).mutable_data<std::int64_t>().data() : nullptr;
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> x, read_values<T>(args.in(0)));
    std::vector<T> y(static_cast<std::size_t>(args.out().num_elements()));
    for_each_patch(window, shape, [&](const Patch& patch) {
      const Tap* best = largest(x.data() + patch.x_begin, patch.taps);
      y.data()[patch.y] = best == nullptr ? kLeast<T> : x.data()[patch.x_begin + best->input];
      if (indices == nullptr) return;
      const auto place = [&](std::int64_t i) {
        return patch.x_begin + (op.column_major_indices ? column_major(i, spatial) : i);
      };
      indices[patch.y] = best == nullptr ? -1 : place(best->input);
    });
    return write_values(y, args.out());
  });
}

// The mean over a window all in the padding is 0.
Status run(const ir::AveragePool& op, const KernelArgs& args) {
  const Shape& shape = args.in(0).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape));
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  std::vector<double> y(static_cast<std::size_t>(args.out().num_elements()), 0.0);
  for_each_patch(window, shape, [&](const Patch& patch) {
    if (patch.taps.empty()) return;
    double sum = 0;
    for (const Tap& tap : patch.taps) sum += x.data()[patch.x_begin + tap.input];
    const std::int64_t count = op.count_include_pad
                                   ? padded_taps(window, Extents(shape).subspan(2), patch.at)
                                   : static_cast<std::int64_t>(patch.taps.size());
    y.data()[patch.y] = sum / static_cast<double>(count);
  });
  return write_floats(y, args.out());
}

Status run(const ir::LpPool& op, const KernelArgs& args) {
  const Shape& shape = args.in(0).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape));
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  const auto p = static_cast<double>(op.p);
  std::vector<double> y(static_cast<std::size_t>(args.out().num_elements()));
  for_each_patch(window, shape, [&](const Patch& patch) {
    double sum = 0;
    for (const Tap& tap : patch.taps) {
      sum += std::pow(std::abs(x.data()[patch.x_begin + tap.input]), p);
    }
    y.data()[patch.y] = std::pow(sum, 1 / p);
  });
  return write_floats(y, args.out());
}

Status run(const ir::GlobalAveragePool& /*op*/, const KernelArgs& args) {
  return reduce_planes(args, [](std::span<const double> plane) {
    double sum = 0;
    for (const double value : plane) sum += value;
    return sum / static_cast<double>(plane.size());
  });
}

Status run(const ir::GlobalMaxPool& /*op*/, const KernelArgs& args) {
  return reduce_planes(args, [](std::span<const double> plane) {
    double most = kLeast<double>;
    for (const double value : plane) most = maximum(most, value);
    return most;
  });
}

}  // namespace sluice::runtime::reference
