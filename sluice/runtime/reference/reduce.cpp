// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/reduce.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

// The input's shape with 1 in place of the reduced dimensions.
template <class Reduce>
Result<Shape> kept_shape(const Reduce& op, const KernelArgs& args) {
  std::vector<std::int64_t> axes;
  if (args.has(1)) {
    SL_TRY(axes, ir::integers(args.in(1), "axes"));
  }
  Shape shape = args.in(0).shape();
  SL_TRY(const std::vector<bool> reduced,
         ir::reduced_dims(axes, op.noop_with_empty_axes, shape.size()));
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (reduced[d]) shape[d] = 1;
  }
  return shape;
}

// For each output element: `start`, then f(so far, element) for every element reduced to it.
template <class Sum, class T, class F>
std::vector<Sum> fold(const std::vector<T>& x, const Shape& shape, const Shape& kept, Sum start,
                      F f) {
  std::vector<Sum> y(static_cast<std::size_t>(num_elements(kept)), start);
  for_each_broadcast<1>(shape, {kept}, [&](std::int64_t i, const std::array<std::int64_t, 1>& at) {
    Sum& so_far = y.data()[at[0]];
    so_far = f(so_far, x.data()[i]);
  });
  return y;
}

struct Largest {
  template <class T>
  static T start() {
    return kLeast<T>;
  }
  template <class T>
  static T pick(T a, T b) {
    return maximum(a, b);
  }
};

struct Smallest {
  template <class T>
  static T start() {
    return kGreatest<T>;
  }
  template <class T>
  static T pick(T a, T b) {
    return minimum(a, b);
  }
};

// ReduceMax and ReduceMin.
template <class Extreme, class Reduce>
Status reduce_to(const Reduce& op, const KernelArgs& args) {
  SL_TRY(const Shape kept, kept_shape(op, args));
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> x, read_values<T>(args.in(0)));
    const std::vector<T> y = fold(x, args.in(0).shape(), kept, Extreme::template start<T>(),
                                  [](T so_far, T next) { return Extreme::pick(so_far, next); });
    return write_values(y, args.out());
  });
}

// ReduceSum and ReduceMean: finish(sum) makes the output element of the wrapping sum.
template <class Reduce, class Finish>
Status reduce_to_sum(const Reduce& op, const KernelArgs& args, Finish finish) {
  SL_TRY(const Shape kept, kept_shape(op, args));
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> x, read_values<T>(args.in(0)));
    using Sum = Wrapping<T>;
    const std::vector<Sum> sums = fold(x, args.in(0).shape(), kept, Sum{0}, [](Sum sum, T value) {
      return sum + static_cast<Sum>(value);
    });
    std::vector<T> y(sums.size());
    std::ranges::transform(sums, y.begin(), [&](Sum sum) { return finish(T{}, sum); });
    return write_values(y, args.out());
  });
}

// sum / count, for integers toward zero, and 0 where nothing is counted.
template <class T>
T mean_of(Wrapping<T> sum, std::int64_t count) {
  if constexpr (std::is_integral_v<T>) {
    if (count == 0) return T{0};
    if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(static_cast<std::int64_t>(sum) / count);
    } else {
      return static_cast<T>(sum / static_cast<std::uint64_t>(count));
    }
  } else {
    return sum / static_cast<double>(count);
  }
}

// Softmax of `count` elements of x, `stride` apart, to the same places of y.
void softmax(const double* x, double* y, std::int64_t count, std::int64_t stride) {
  double most = kLeast<double>;
  for (std::int64_t i = 0; i < count; ++i) most = maximum(most, x[i * stride]);
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    y[i * stride] = std::exp(x[i * stride] - most);
    sum += y[i * stride];
  }
  for (std::int64_t i = 0; i < count; ++i) y[i * stride] /= sum;
}

}  // namespace

// Of nothing: −∞ or the least integer; false.
Status run(const ir::ReduceMax& op, const KernelArgs& args) {
  return reduce_to<Largest>(op, args);
}

// Of nothing: +∞ or the greatest integer; true.
Status run(const ir::ReduceMin& op, const KernelArgs& args) {
  return reduce_to<Smallest>(op, args);
}

Status run(const ir::ReduceSum& op, const KernelArgs& args) {
  return reduce_to_sum(op, args, []<class T>(T, Wrapping<T> sum) { return static_cast<T>(sum); });
}

// Of nothing: NaN, or 0 for integers.
Status run(const ir::ReduceMean& op, const KernelArgs& args) {
  const std::int64_t outputs = args.out().num_elements();
  const std::int64_t count = outputs == 0 ? 0 : args.in(0).num_elements() / outputs;
  return reduce_to_sum(op, args,
                       [&]<class T>(T, Wrapping<T> sum) { return mean_of<T>(sum, count); });
}

// A NaN is larger than all numbers.
Status run(const ir::ArgMax& op, const KernelArgs& args) {
  const Shape& shape = args.in(0).shape();
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, shape.size()));
  const auto d = static_cast<std::size_t>(axis);
  Shape kept = shape;
  kept[d] = 1;
  const std::int64_t stride = strides_of(shape)[d];
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> x, read_values<T>(args.in(0)));
    constexpr std::int64_t kNone = -1;
    const auto better = [&](T value, T best) {
      const bool larger = value > best || (is_nan(value) && !is_nan(best));
      const bool smaller = value < best || (is_nan(best) && !is_nan(value));
      return larger || (op.select_last_index && !smaller);
    };
    // First where in x the maximum is, then its index along the axis.
    std::vector<std::int64_t> y(static_cast<std::size_t>(args.out().num_elements()), kNone);
    for_each_broadcast<1>(shape, {kept},
                          [&](std::int64_t i, const std::array<std::int64_t, 1>& at) {
                            std::int64_t& best = y.data()[at[0]];
                            if (best == kNone || better(x.data()[i], x.data()[best])) best = i;
                          });
    for (std::int64_t& place : y) place = place / stride % shape[d];
    return write_values(y, args.out());
  });
}

Status run(const ir::Softmax& op, const KernelArgs& args) {
  SL_TRY(const ir::SoftmaxShape shape, ir::softmax_shape(op, args.in(0).shape()));
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  std::vector<double> y(x.size());
  for (std::int64_t o = 0; o < shape.outer; ++o) {
    for (std::int64_t i = 0; i < shape.inner; ++i) {
      const std::int64_t begin = o * shape.reduced * shape.inner + i;
      softmax(x.data() + begin, y.data() + begin, shape.reduced, shape.inner);
    }
  }
  return write_floats(y, args.out());
}

}  // namespace sluice::runtime::reference
