// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/matmul.hpp"

#include <cmath>

#include "sluice/base/threads.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

// A matrix in memory: element (i, j) is data[i·row_stride + j·column_stride].
template <class T>
struct Matrix {
  const T* data;
  std::int64_t row_stride, column_stride;
};

// Σ a(i, k)·b(k, j) over k < depth, as the type sums are held in.
template <class T>
Wrapping<T> dot(const Matrix<T>& a, std::int64_t i, const Matrix<T>& b, std::int64_t j,
                std::int64_t depth) {
  Wrapping<T> sum = 0;
  for (std::int64_t k = 0; k < depth; ++k) {
    sum += static_cast<Wrapping<T>>(a.data[i * a.row_stride + k * a.column_stride]) *
           static_cast<Wrapping<T>>(b.data[k * b.row_stride + j * b.column_stride]);
  }
  return sum;
}

// Dot products one thread should at least get: fewer are not worth starting it.
std::int64_t grain(std::int64_t depth) {
  return 1 + (1 << 15) / (depth + 1);
}

// alpha·product + beta·c. For integers: wrapping where both factors are whole, else through double
// and cut.
template <class T>
T scaled_sum(double alpha, Wrapping<T> product, double beta, T c) {
  if constexpr (std::is_integral_v<T>) {
    constexpr double kWhole = 9007199254740992.0;  // 2^53: doubles below may have a fraction
    const auto is_whole = [](double v) { return std::trunc(v) == v && std::abs(v) <= kWhole; };
    if (is_whole(alpha) && is_whole(beta)) {
      return static_cast<T>(static_cast<std::uint64_t>(static_cast<std::int64_t>(alpha)) * product +
                            static_cast<std::uint64_t>(static_cast<std::int64_t>(beta)) *
                                static_cast<std::uint64_t>(c));
    }
    return saturate_to<T>(alpha * static_cast<double>(static_cast<T>(product)) +
                          beta * static_cast<double>(c));
  } else {
    return alpha * product + beta * c;
  }
}

}  // namespace

Status run(const ir::Gemm& op, const KernelArgs& args) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> a_values, read_values<T>(args.in(0)));
    SL_TRY(const std::vector<T> b_values, read_values<T>(args.in(1)));
    std::vector<T> c{T{0}};
    std::vector<std::int64_t> c_strides{0, 0};
    if (args.has(2)) {
      SL_TRY(c, read_values<T>(args.in(2)));
      c_strides = broadcast_strides(args.in(2).shape(), args.out().shape());
    }
    const Shape& a_shape = args.in(0).shape();
    const Shape& b_shape = args.in(1).shape();
    const Matrix<T> a{a_values.data(), op.trans_a ? 1 : a_shape[1], op.trans_a ? a_shape[1] : 1};
    const Matrix<T> b{b_values.data(), op.trans_b ? 1 : b_shape[1], op.trans_b ? b_shape[1] : 1};
    const std::int64_t depth = a_shape[op.trans_a ? 0 : 1];
    const std::int64_t columns = args.out().shape()[1];
    std::vector<T> y(static_cast<std::size_t>(args.out().num_elements()));
    parallel_for(args.out().num_elements(), grain(depth),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t at = begin; at < end; ++at) {
                     const std::int64_t i = at / columns;
                     const std::int64_t j = at % columns;
                     y.data()[at] = scaled_sum<T>(op.alpha, dot(a, i, b, j, depth), op.beta,
                                                  c.data()[i * c_strides[0] + j * c_strides[1]]);
                   }
                 });
    return write_values(y, args.out());
  });
}

Status run(const ir::MatMul& /*op*/, const KernelArgs& args) {
  SL_TRY(const ir::MatMulShapes shapes, ir::matmul_shapes(args.in(0).shape(), args.in(1).shape()));
  const std::span a_shape(shapes.a);
  const std::span b_shape(shapes.b);
  const std::int64_t rows = a_shape[a_shape.size() - 2];
  const std::int64_t depth = a_shape.back();
  const std::int64_t columns = b_shape.back();
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    SL_TRY(const std::vector<T> a_values, read_values<T>(args.in(0)));
    SL_TRY(const std::vector<T> b_values, read_values<T>(args.in(1)));
    std::vector<T> y(static_cast<std::size_t>(args.out().num_elements()));
    for_each_broadcast<2>(
        shapes.batch, {a_shape.first(a_shape.size() - 2), b_shape.first(b_shape.size() - 2)},
        [&](std::int64_t matrix, const std::array<std::int64_t, 2>& at) {
          const Matrix<T> a{a_values.data() + at[0] * rows * depth, depth, 1};
          const Matrix<T> b{b_values.data() + at[1] * depth * columns, columns, 1};
          T* y_matrix = y.data() + matrix * rows * columns;
          parallel_for(rows * columns, grain(depth), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
              y_matrix[i] = static_cast<T>(dot(a, i / columns, b, i % columns, depth));
            }
          });
        });
    return write_values(y, args.out());
  });
}

}  // namespace sluice::runtime::reference
