// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/accumulate.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <span>

#include "sluice/base/threads.hpp"
#include "sluice/ir/ops/conv.hpp"
#include "sluice/ir/ops/matmul.hpp"
#include "sluice/numeric/accumulator.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/taps.hpp"

namespace sluice::exact::reference {
namespace {

using Extents = std::span<const std::int64_t>;
using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kMost64 = std::numeric_limits<std::int64_t>::max();

Error unsupported(std::string message) {
  return {ErrorCode::Unsupported, std::move(message)};
}

std::int64_t largest(const Integers& values) {
  std::int64_t most = 0;
  for (const std::int64_t value : values) most = std::max(most, std::abs(value));
  return most;
}

// Entry `of` a value's parameters for element i of a tensor of `shape`: there is one, or one for
// each index along the axis.
std::size_t slice_of(std::size_t i, const numeric::Quantization& quantization, Extents shape) {
  if (!quantization.is_per_channel()) return 0;
  const auto stride =
      static_cast<std::size_t>(strides_of(shape)[static_cast<std::size_t>(quantization.axis)]);
  return i / stride % quantization.scales.size();
}

Integers centred(const Tensor& codes, const numeric::Quantization& quantization) {
  Integers values = numeric::to_integers(codes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] -= quantization.zero_points[slice_of(i, quantization, codes.shape())];
  }
  return values;
}

// value·2^bits, if 64 bits hold that.
Result<std::int64_t> raised(std::int64_t value, int bits) {
  if (value == 0 || (bits < 63 && std::abs(value) <= kMost64 >> bits)) {
    return value * (std::int64_t{1} << (value == 0 ? 0 : bits));
  }
  return unsupported(
      fmt::format("counts {} in a unit 2^{} times that of its accumulator, which 64 bits do not "
                  "hold; bring its scales closer together",
                  value, bits));
}

// Input 0 in units of its smallest scale.
Result<Integers> read_input(const NodeView& node) {
  const numeric::Quantization& by = *node.in_quantization(0);
  Integers values = centred(node.in(0), by);
  if (!by.is_per_channel()) return values;
  const int unit = *numeric::exact_log2(std::ranges::min(by.scales));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scale = by.scales[slice_of(i, by, node.in(0).shape())];
    SL_TRY(values[i], raised(values[i], *numeric::exact_log2(scale) - unit));
  }
  return values;
}

// The exponent of channel m's unit.
int unit_of(const NodeView& node, std::size_t m) {
  const auto& weights = node.in_quantization(1)->scales;
  return *numeric::exact_log2(std::ranges::min(node.in_quantization(0)->scales)) +
         *numeric::exact_log2(weights[weights.size() == 1 ? 0 : m]);
}

// A bias of channel m, element i of input 2, in the channel's unit.
Result<std::int64_t> bias_in_unit(const NodeView& node, std::int64_t bias, std::size_t i,
                                  std::size_t m) {
  if (!numeric::is_shift(node.arithmetic())) return bias;
  const numeric::Quantization& by = *node.in_quantization(2);
  const std::size_t slice = slice_of(i, by, node.in_shape(2));
  const int exponent = *numeric::exact_log2(by.scales[slice]);
  const int unit = unit_of(node, m);
  if (exponent < unit) {
    return unsupported(fmt::format(
        "has a bias in units of 2^{}, finer than those of its accumulator, 2^{}; round the bias to "
        "these",
        exponent, unit));
  }
  return raised(bias - by.zero_points[slice], exponent - unit);
}

// What each sum begins with.
Result<Integers> read_bias(const NodeView& node, std::size_t channel_axis) {
  const Shape& shape = node.out_type().shape;
  Integers start(static_cast<std::size_t>(num_elements(shape)), 0);
  if (!node.has(2)) return start;
  const Integers bias = numeric::to_integers(node.in(2));
  const std::vector<std::int64_t> channel_strides = strides_of(shape);
  const auto stride = static_cast<std::size_t>(channel_strides[channel_axis]);
  const auto channels = static_cast<std::size_t>(shape[channel_axis]);
  // That of a Gemm broadcasts; one of a convolution has an element a channel.
  const bool broadcasts = ir::is<ir::Gemm>(node.node().op);
  std::vector<std::int64_t> bias_strides;
  if (broadcasts) {
    bias_strides = runtime::reference::broadcast_strides(node.in(2).shape(), shape);
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    const std::size_t m = i / stride % channels;
    std::size_t at = m;
    if (broadcasts) {
      const auto index = runtime::reference::index_of(static_cast<std::int64_t>(i), shape);
      at = static_cast<std::size_t>(runtime::reference::offset_of(index, bias_strides));
    }
    SL_TRY(start[i], bias_in_unit(node, bias[at], at, m));
  }
  return start;
}

// A run of `depth` products: elements x, x + x_step, … by w, w + w_step, …
struct Run {
  std::int64_t x, w;
};
struct Steps {
  std::int64_t depth, x, w;
};

// What a layer reads, and the registers it adds up in.
class Summation {
 public:
  static Result<Summation> make(const NodeView& node, std::size_t channel_axis) {
    Summation result;
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      if (node.has(i) && node.in_quantization(i) == nullptr) return node.in_affine(i).error();
    }
    SL_TRY(result.x_, read_input(node));
    result.w_ = centred(node.in(1), *node.in_quantization(1));
    SL_TRY(result.sums_, read_bias(node, channel_axis));
    result.accumulator_ = node.node().accumulator;
    const std::int64_t most_weight = largest(result.w_);
    if (most_weight != 0 && largest(result.x_) > kMost64 / most_weight) {
      return unsupported("multiplies numbers whose product 64 bits do not hold");
    }
    return result;
  }

  // Adds the runs that begin at x and w on from `base` to sum i.
  void add(std::int64_t i, const Run& base, std::span<const Run> runs, const Steps& steps) {
    const Run* const end = runs.data() + runs.size();
    std::int64_t sum = sums_.data()[i];
    if (accumulator_) sum = numeric::add(0, sum, *accumulator_);
    for (const Run* run = runs.data(); run != end; ++run) {
      const std::int64_t* x = x_.data() + base.x + run->x;
      const std::int64_t* w = w_.data() + base.w + run->w;
      for (std::int64_t k = 0; k < steps.depth; ++k, x += steps.x, w += steps.w) {
        sum = plus(sum, *x * *w);
      }
    }
    sums_.data()[i] = sum;
  }

  Result<Integers> finish() && {
    if (fits_->load()) return std::move(sums_);
    return unsupported("its accumulator reaches numbers that 64 bits do not hold");
  }

 private:
  std::int64_t plus(std::int64_t sum, std::int64_t term) {
    if (accumulator_) return numeric::add(sum, term, *accumulator_);
    if (numeric::fits_64_bits(sum, term)) return sum + term;
    fits_->store(false);
    return sum;
  }

  Integers x_, w_, sums_;
  std::optional<numeric::Accumulator> accumulator_;
  std::unique_ptr<std::atomic<bool>> fits_ = std::make_unique<std::atomic<bool>>(true);
};

// Sums a thread should at least get: fewer are not worth starting it.
std::int64_t grain(std::int64_t products_a_sum) {
  return 1 + (1 << 15) / (products_a_sum + 1);
}

// Where the weights of output channel m, counted within its group, and input channel c begin:
// group·group_stride + m·out_stride + c·in_stride.
struct WeightStrides {
  std::int64_t group, out, in;
};

template <class TapsAt>
void convolve(const NodeView& node, std::int64_t group, const WeightStrides& strides,
              TapsAt taps_at, Summation& into) {
  const Shape& x = node.in(0).shape();
  const Shape& y = node.out_type().shape;
  const Extents positions = Extents(y).subspan(2);
  const std::int64_t x_size = num_elements(Extents(x).subspan(2));
  const std::int64_t y_size = num_elements(positions);
  const std::int64_t group_in = x[1] / group;
  const std::int64_t group_out = y[1] / group;
  parallel_for(y_size, grain(num_elements(node.in(1).shape())),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t at = begin; at < end; ++at) {
                   std::vector<Run> runs;
                   for (const auto& tap : taps_at(runtime::reference::index_of(at, positions))) {
                     runs.push_back({tap.input, tap.kernel});
                   }
                   for (std::int64_t nm = 0; nm < x[0] * y[1]; ++nm) {
                     const std::int64_t m = nm % y[1];
                     const std::int64_t g = m / group_out;
                     const Run base{(nm / y[1] * group + g) * group_in * x_size,
                                    g * strides.group + m % group_out * strides.out};
                     into.add(nm * y_size + at, base, runs, {group_in, x_size, strides.in});
                   }
                 }
               });
}

Status add_products(const ir::Conv& op, const NodeView& node, Summation& into) {
  const Shape& x = node.in(0).shape();
  const Shape& w = node.in(1).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, w));
  const std::int64_t kernel_size = num_elements(window.kernel);
  convolve(
      node, op.group, {w[0] / op.group * w[1] * kernel_size, w[1] * kernel_size, kernel_size},
      [&](const runtime::reference::Index& at) {
        return runtime::reference::window_taps(window, Extents(x).subspan(2), at);
      },
      into);
  return {};
}

Status add_products(const ir::ConvTranspose& op, const NodeView& node, Summation& into) {
  const Shape& x = node.in(0).shape();
  const Shape& w = node.in(1).shape();
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, w));
  const std::int64_t kernel_size = num_elements(window.kernel);
  convolve(
      node, op.group, {w[0] / op.group * w[1] * kernel_size, kernel_size, w[1] * kernel_size},
      [&](const runtime::reference::Index& at) {
        return runtime::reference::transposed_taps(window, Extents(x).subspan(2), at);
      },
      into);
  return {};
}

// A matrix whose element (i, j) is at begin + i·row + j·column.
struct Matrix {
  std::int64_t begin, row, column;
};

// rows·columns sums from `first` on.
void multiply(const Matrix& a, const Matrix& b, const Shape& rows_depth_columns, std::int64_t first,
              Summation& into) {
  const std::int64_t columns = rows_depth_columns[2];
  const Run one{0, 0};
  parallel_for(rows_depth_columns[0] * columns, grain(rows_depth_columns[1]),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const Run base{a.begin + i / columns * a.row, b.begin + i % columns * b.column};
                   into.add(first + i, base, {&one, 1}, {rows_depth_columns[1], a.column, b.row});
                 }
               });
}

Status add_products(const ir::Gemm& op, const NodeView& node, Summation& into) {
  const Shape& a = node.in(0).shape();
  const Shape& b = node.in(1).shape();
  const Shape& y = node.out_type().shape;
  multiply(op.trans_a ? Matrix{0, 1, a[1]} : Matrix{0, a[1], 1},
           op.trans_b ? Matrix{0, 1, b[1]} : Matrix{0, b[1], 1},
           {y[0], a[op.trans_a ? 0 : 1], y[1]}, 0, into);
  return {};
}

Status add_products(const ir::MatMul& /*op*/, const NodeView& node, Summation& into) {
  SL_TRY(const ir::MatMulShapes shapes, ir::matmul_shapes(node.in(0).shape(), node.in(1).shape()));
  const Extents a(shapes.a);
  const Extents b(shapes.b);
  const std::int64_t rows = a[a.size() - 2];
  const std::int64_t depth = a.back();
  const std::int64_t columns = b.back();
  runtime::reference::for_each_broadcast<2>(
      shapes.batch, {a.first(a.size() - 2), b.first(b.size() - 2)},
      [&](std::int64_t matrix, const std::array<std::int64_t, 2>& at) {
        multiply({at[0] * rows * depth, depth, 1}, {at[1] * depth * columns, columns, 1},
                 {rows, depth, columns}, matrix * rows * columns, into);
      });
  return {};
}

}  // namespace

Result<std::vector<std::int64_t>> accumulate(const NodeView& node, std::size_t channel_axis) {
  SL_TRY(Summation sums, Summation::make(node, channel_axis));
  SL_TRY_STATUS(std::visit(
      [&](const auto& op) -> Status {
        if constexpr (requires { add_products(op, node, sums); }) {
          return add_products(op, node, sums);
        } else {
          return Error{ErrorCode::Internal, "adds up no products"};
        }
      },
      node.node().op));
  return std::move(sums).finish();
}

Result<std::vector<std::int64_t>> channel_biases(const NodeView& node, const Tensor& bias) {
  std::vector<std::int64_t> result = numeric::to_integers(bias);
  for (std::size_t m = 0; m < result.size(); ++m) {
    SL_TRY(result[m], bias_in_unit(node, result[m], m, m));
  }
  return result;
}

}  // namespace sluice::exact::reference
