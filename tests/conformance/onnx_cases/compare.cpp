// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/onnx_cases/compare.hpp"

#include <cmath>
#include <fmt/format.h>

#include "sluice/numeric/element.hpp"

namespace sluice::conformance {
namespace {

Error different(std::string what) {
  return {ErrorCode::InvalidArgument, std::move(what)};
}

bool is_close(double actual, double expected, Tolerance tolerance) {
  if (std::isnan(expected)) return std::isnan(actual);
  if (actual == expected) return true;  // infinities
  return std::abs(actual - expected) <=
         tolerance.absolute + tolerance.relative * std::abs(expected);
}

Status compare_floats(const Tensor& actual, const Tensor& expected, Tolerance tolerance) {
  const auto a = numeric::to_doubles(actual);
  const auto e = numeric::to_doubles(expected);
  std::size_t count = 0;
  std::size_t first = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    if (is_close(a[i], e[i], tolerance)) continue;
    ++count;
    first = i;
  }
  if (count == 0) return {};
  return different(fmt::format("{} of {} elements differ, the first is {} with {} instead of {}",
                               count, a.size(), first, a[first], e[first]));
}

}  // namespace

Status compare(const Tensor& actual, const Tensor& expected, Tolerance tolerance) {
  if (actual.dtype() != expected.dtype() || actual.shape() != expected.shape()) {
    return different(fmt::format("is {} {}, {} {} is expected", to_string(actual.dtype()),
                                 to_string(actual.shape()), to_string(expected.dtype()),
                                 to_string(expected.shape())));
  }
  if (is_float(actual.dtype())) return compare_floats(actual, expected, tolerance);
  if (actual == expected) return {};
  return compare_floats(actual, expected, {0, 0});  // names the first element that differs
}

}  // namespace sluice::conformance
