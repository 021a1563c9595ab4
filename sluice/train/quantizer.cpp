// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantizer.hpp"

#include <cmath>
#include <span>

#include "sluice/base/assert.hpp"
#include "sluice/train/fake_quantize.hpp"
#include "sluice/train/quantizer_start.hpp"

namespace sluice::train {
namespace {

StepRule rule_of(const QuantizerOptions& options, double gradient_scale) {
  return {codes_of(options), options.axis.value_or(-1), options.power_of_two, gradient_scale};
}

bool has_clip(const QuantizerOptions& options) {
  return options.kind == QuantizerKind::Pact || options.kind == QuantizerKind::NormalizedPact;
}

at::Tensor leaf(double value, std::int64_t count, at::Device device) {
  return at::full({count}, value, at::TensorOptions(at::kFloat).device(device)).requires_grad_();
}

}  // namespace

Result<Quantizer> Quantizer::create(const std::string& name, const QuantizerOptions& options,
                                    const std::vector<std::int64_t>& shape, at::Device device) {
  SL_TRY_STATUS(check_quantizer(options, shape));
  const std::int64_t steps = options.axis ? shape[static_cast<std::size_t>(*options.axis)] : 1;
  std::int64_t values = 1;
  for (const std::int64_t size : shape) values *= size;
  const std::int64_t values_a_step = values / steps;
  const double shared =
      static_cast<double>(values_a_step) * static_cast<double>(largest_code(options));
  Quantizer quantizer(options, options.scales_gradient ? 1 / std::sqrt(shared) : 1);

  if (learns_step(options)) {
    const bool is_clip = has_clip(options);
    quantizer.learnt_ = leaf(is_clip ? options.clip : 1, steps, device);
    quantizer.parameters_.push_back(
        {name + (is_clip ? ".clip" : ".step"), Role::Quantizer, quantizer.learnt_});
  } else {
    // dorefa's activations are pact's that do not learn.
    quantizer.learnt_ = leaf(1, 1, device).detach();
  }
  if (learns_offset(options)) {
    quantizer.offset_ = leaf(0, steps, device);
    quantizer.parameters_.push_back({name + ".offset", Role::Quantizer, quantizer.offset_});
  }
  return quantizer;
}

void Quantizer::check_values(const at::Tensor& x) const {
  SL_ASSERT(x.scalar_type() == at::kFloat, "a quantizer's values are float32");
  SL_ASSERT(
      !options_.axis || (*options_.axis < x.dim() && x.size(*options_.axis) == learnt_.numel()),
      "a quantizer has one step for each slice");
}

Status Quantizer::initialize(const at::Tensor& values) const {
  check_values(values);
  if (values.numel() == 0) return invalid_argument("no values to start a quantizer from");
  if (!at::isfinite(values.detach()).all().item<bool>()) {
    return invalid_argument(
        "values to start a quantizer from are not finite; look for the layer that makes them");
  }
  if (!learns_step(options_)) return {};
  const std::int64_t steps = learnt_.numel();
  // The values of each step in a row.
  const at::Tensor rows = values.detach()
                              .to(at::kCPU)
                              .movedim(options_.axis.value_or(0), 0)
                              .reshape({steps, -1})
                              .contiguous();
  const auto count = static_cast<std::size_t>(rows.size(1));
  const std::span<const float> all(rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel()));
  const auto per_clip = static_cast<double>(largest_code(options_));
  const at::Tensor learnt = at::empty({steps}, at::kFloat), offset = at::empty_like(learnt);
  for (std::int64_t i = 0; i < steps; ++i) {
    const QuantizerStart start =
        quantizer_start(all.subspan(static_cast<std::size_t>(i) * count, count), options_);
    const double value = has_clip(options_) ? start.step * per_clip : start.step;
    learnt.data_ptr<float>()[i] = static_cast<float>(value);
    offset.data_ptr<float>()[i] = static_cast<float>(start.offset);
  }
  const at::NoGradGuard no_gradients;
  learnt_.copy_(learnt);
  if (offset_.defined()) offset_.copy_(offset);
  return {};
}

at::Tensor Quantizer::levels(const at::Tensor& x) const {
  const StepRule rule = rule_of(options_, gradient_scale_);
  switch (options_.kind) {
    case QuantizerKind::Tanh:
      return levels_by_tanh(x, rule.codes.highest - rule.codes.lowest) + rule.codes.lowest;
    case QuantizerKind::Dorefa:
      if (!options_.is_signed) return levels_by_clip(x, learnt_, rule);
      return 2 * levels_by_tanh(x, rule.codes.highest) - rule.codes.highest;
    case QuantizerKind::Pact:
      return levels_by_clip(x, learnt_, rule);
    case QuantizerKind::NormalizedPact:
      return levels_normalized(x, learnt_, rule);
    case QuantizerKind::Lsq:
    case QuantizerKind::LsqPlus:
      return levels_by_step(x, learnt_, offset_, rule);
  }
  SL_ASSERT(false, "a kind of quantizer");
  return {};
}

at::Tensor Quantizer::operator()(const at::Tensor& x) const {
  check_values(x);
  const StepRule rule = rule_of(options_, gradient_scale_);
  switch (options_.kind) {
    case QuantizerKind::Tanh:
      return levels(x) * step();
    case QuantizerKind::Dorefa:
      return options_.is_signed ? levels(x) * step() : snap_by_clip(x, learnt_, rule);
    case QuantizerKind::Pact:
      return snap_by_clip(x, learnt_, rule);
    case QuantizerKind::NormalizedPact:
      return snap_normalized(x, learnt_, step(), rule);
    case QuantizerKind::Lsq:
    case QuantizerKind::LsqPlus:
      return snap_by_step(x, learnt_, offset_, rule);
  }
  SL_ASSERT(false, "a kind of quantizer");
  return {};
}

at::Tensor Quantizer::codes(const at::Tensor& x) const {
  check_values(x);
  const at::NoGradGuard no_gradients;
  // As an integer NaN could be anything.
  const at::Tensor codes = at::nan_to_num(levels(x), 0.0).to(at::kInt);
  if (!offset_.defined()) return codes;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  if (options_.axis) shape[static_cast<std::size_t>(*options_.axis)] = -1;
  return codes + zero_point().view(shape);
}

at::Tensor Quantizer::step() const {
  const at::NoGradGuard no_gradients;
  const numeric::CodeRange codes = codes_of(options_);
  switch (options_.kind) {
    case QuantizerKind::Tanh:
      return at::full({1}, std::ldexp(1.0, 1 - options_.bits), learnt_.options());
    case QuantizerKind::NormalizedPact:
      return at::full({1}, options_.range / static_cast<double>(codes.highest), learnt_.options());
    case QuantizerKind::Dorefa:
    case QuantizerKind::Pact:
      return step_of_clip(learnt_, rule_of(options_, gradient_scale_));
    case QuantizerKind::Lsq:
    case QuantizerKind::LsqPlus:
      return used_step(learnt_, options_.power_of_two);
  }
  SL_ASSERT(false, "a kind of quantizer");
  return {};
}

at::Tensor Quantizer::gain() const {
  SL_ASSERT(options_.kind == QuantizerKind::NormalizedPact, "others keep their values");
  const at::NoGradGuard no_gradients;
  const at::Tensor clip = used_step(learnt_, false);
  return at::full_like(clip, options_.range) / clip;
}

at::Tensor Quantizer::zero_point() const {
  const at::NoGradGuard no_gradients;
  const at::Tensor used = step();
  if (!offset_.defined()) return at::zeros_like(used, at::kInt);
  return used_zero_point(offset_, used, codes_of(options_)).to(at::kInt);
}

}  // namespace sluice::train
