// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/tensor.hpp"

#include <cstring>
#include <fmt/format.h>
#include <random>

#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {
namespace {

// Every element becomes the one element of `value`, of the same type.
void fill(Tensor& tensor, const Tensor& value) {
  const auto element = value.bytes();
  const auto bytes = tensor.mutable_bytes();
  for (std::size_t at = 0; at < bytes.size(); at += element.size()) {
    std::memcpy(bytes.data() + at, element.data(), element.size());
  }
}

// NumPy's RandomState: the standard's 32-bit Mersenne Twister, two draws a number of 53 bits.
class UniformDraws {
 public:
  explicit UniformDraws(std::int64_t seed) : twister_(static_cast<std::uint32_t>(seed)) {}

  // From [0, 1).
  double next() {
    const auto high = static_cast<double>(twister_() >> 5);
    const auto low = static_cast<double>(twister_() >> 6);
    return (high * 0x1p26 + low) / 0x1p53;
  }

 private:
  std::mt19937 twister_;
};

// The ratio of elements to drop: 0 in inference.
Result<double> dropped_ratio(const ir::Dropout& op, const KernelArgs& args) {
  const bool training = args.has(2) && numeric::to_doubles(args.in(2))[0] != 0;
  if (!training) return 0.0;
  const double ratio =
      args.has(1) ? numeric::to_doubles(args.in(1))[0] : static_cast<double>(op.ratio);
  if (ratio >= 0 && ratio < 1) return ratio;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("the ratio must be in [0, 1), is {}", ratio)};
}

}  // namespace

Status run(const ir::Cast& op, const KernelArgs& args) {
  args.out() = numeric::cast(args.in(0), op.to, {op.saturate, op.power_rounding});
  return {};
}

Status run(const ir::ConstantOfShape& op, const KernelArgs& args) {
  fill(args.out(), op.value);
  return {};
}

Status run(const ir::Dropout& op, const KernelArgs& args) {
  SL_TRY(const double ratio, dropped_ratio(op, args));
  Tensor mask(DType::Bool, args.in(0).shape());
  if (ratio == 0) {
    args.out() = args.in(0);
    fill(mask, Tensor::scalar(true));
  } else {
    UniformDraws draws(op.seed);
    std::vector<double> values = numeric::to_doubles(args.in(0));
    const auto kept = mask.mutable_data<bool>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      kept[i] = draws.next() >= ratio;
      values[i] = kept[i] ? values[i] / (1 - ratio) : 0;
    }
    args.out() = numeric::cast(Tensor::from(args.in(0).shape(), values), args.out().dtype());
  }
  if (args.outputs.size() > 1) args.out(1) = std::move(mask);
  return {};
}

Status run(const ir::Identity& /*op*/, const KernelArgs& args) {
  args.out() = args.in(0);
  return {};
}

Status run(const ir::Shape& op, const KernelArgs& args) {
  args.out() = ir::shape_content(op, args.in(0).shape());
  return {};
}

}  // namespace sluice::runtime::reference
