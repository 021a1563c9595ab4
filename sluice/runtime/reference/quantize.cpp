// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {
namespace {

// Scales and zero points as numbers, and which of them each element takes.
struct Parameters {
  ir::ParameterLayout layout;
  std::vector<double> scale;
  std::vector<double> zero_point;

  // Calls body(element, scale, zero point) for each element of x in order.
  template <class Body>
  void for_each_element(Body&& body) const {
    std::size_t element = 0;
    for (std::int64_t o = 0; o < layout.outer; ++o) {
      for (std::int64_t a = 0; a < layout.length; ++a) {
        for (std::int64_t i = 0; i < layout.inner; ++i, ++element) {
          const auto p = static_cast<std::size_t>(layout.index(o, a, i));
          body(element, scale[p], zero_point[p]);
        }
      }
    }
  }
};

Result<Parameters> read_parameters(const KernelArgs& args, std::int64_t axis,
                                   std::int64_t block_size) {
  Parameters parameters;
  SL_TRY(parameters.layout,
         ir::resolve_parameters(args.in(0).shape(), args.in(1).shape(), axis, block_size));
  parameters.scale = numeric::to_doubles(args.in(1));
  parameters.zero_point.assign(parameters.scale.size(), 0.0);
  for (const double scale : parameters.scale) {
    if (!std::isfinite(scale)) {
      return Error{ErrorCode::InvalidArgument, fmt::format("a scale must be finite, is {}", scale)};
    }
  }
  if (!args.has(2)) return parameters;
  parameters.zero_point = numeric::to_doubles(args.in(2));
  const bool zero = std::ranges::all_of(parameters.zero_point, [](double z) { return z == 0; });
  if (is_float(args.in(2).dtype()) && !zero) {
    return Error{ErrorCode::InvalidArgument, fmt::format("the zero point of {} codes must be 0",
                                                         to_string(args.in(2).dtype()))};
  }
  return parameters;
}

// `values` rounded to a float type's precision and back.
std::vector<double> round_to(DType dtype, const std::vector<double>& values) {
  if (dtype == DType::Float64) return values;
  const auto count = static_cast<std::int64_t>(values.size());
  return numeric::to_doubles(numeric::cast(Tensor::from({count}, values), dtype));
}

}  // namespace

Status run(const ir::QuantizeLinear& op, const KernelArgs& args) {
  SL_TRY(const Parameters parameters, read_parameters(args, op.axis, op.block_size));
  if (std::ranges::count(parameters.scale, 0.0) > 0) {
    return Error{ErrorCode::InvalidArgument, "a scale to divide by must not be 0"};
  }
  std::vector<double> values = numeric::to_doubles(args.in(0));
  parameters.for_each_element(
      [&](std::size_t i, double scale, double /*zero_point*/) { values[i] /= scale; });
  values = round_to(op.precision.value_or(args.in(1).dtype()), values);
  const DType to = args.out().dtype();
  if (is_integer(to)) {
    const IntegerRange range = integer_range(to);
    parameters.for_each_element([&](std::size_t i, double /*scale*/, double zero_point) {
      const double code = std::isnan(values[i]) ? 0 : std::nearbyint(values[i]);
      values[i] = std::clamp(code + zero_point, range.least, range.most);
    });
  }
  args.out() = numeric::cast(Tensor::from(args.in(0).shape(), values), to, {op.saturate});
  return {};
}

Status run(const ir::DequantizeLinear& op, const KernelArgs& args) {
  SL_TRY(const Parameters parameters, read_parameters(args, op.axis, op.block_size));
  std::vector<double> values = numeric::to_doubles(args.in(0));
  parameters.for_each_element([&](std::size_t i, double scale, double zero_point) {
    values[i] = (values[i] - zero_point) * scale;
  });
  args.out() = numeric::cast(Tensor::from(args.in(0).shape(), values), args.out().dtype());
  return {};
}

}  // namespace sluice::runtime::reference
