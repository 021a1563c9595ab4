// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/fake_quantize.hpp"

#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

#include "sluice/train/fake_quantize_gradients.hpp"

namespace sluice::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Far below what float32 weights need, far above where a step times a code is subnormal.
constexpr double kLeastStep = 0x1p-40;

// −1 below 0, else 1: a step that has come to 0 still learns.
at::Tensor sign_of(const at::Tensor& learnt) {
  return at::where(learnt < 0, -at::ones_like(learnt), at::ones_like(learnt));
}

at::Tensor number_like(const at::Tensor& x, std::int64_t number) {
  return at::full({1}, static_cast<double>(number), x.options());
}

void save_rule(AutogradContext* context, const StepRule& rule) {
  context->saved_data["lowest"] = rule.codes.lowest;
  context->saved_data["highest"] = rule.codes.highest;
  context->saved_data["axis"] = rule.axis;
  context->saved_data["power_of_two"] = rule.power_of_two;
  context->saved_data["gradient_scale"] = rule.gradient_scale;
}

StepRule saved_rule(AutogradContext* context) {
  return {{context->saved_data["lowest"].toInt(), context->saved_data["highest"].toInt()},
          context->saved_data["axis"].toInt(),
          context->saved_data["power_of_two"].toBool(),
          context->saved_data["gradient_scale"].toDouble()};
}

struct LevelsByTanh : torch::autograd::Function<LevelsByTanh> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& weights,
                            std::int64_t highest) {
    const at::Tensor t = at::tanh(weights), largest = t.abs().max();
    context->save_for_backward({t});
    context->saved_data["highest"] = highest;
    // Weights that are all 0 are half way, whatever they are divided by.
    const at::Tensor divisor = at::where(largest == 0, at::ones_like(largest), largest);
    return (t / (2 * divisor)).add_(0.5).mul_(highest).round_();
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor t = context->get_saved_variables()[0];
    const std::int64_t highest = context->saved_data["highest"].toInt();
    return {gradients_by_tanh(t, gradients[0], highest), at::Tensor()};
  }
};

// −0 becomes 0, as an integer has it.
at::Tensor without_negative_zero(at::Tensor levels) {
  return levels.add_(0);
}

struct SnapByStep : torch::autograd::Function<SnapByStep> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& learnt,
                            const c10::optional<at::Tensor>& offset, const StepRule& rule) {
    const at::Tensor beta = offset.value_or(at::Tensor());
    context->save_for_backward({x, learnt, beta});
    save_rule(context, rule);
    const at::Tensor step = along_axis(used_step(learnt, rule.power_of_two), x, rule.axis);
    return levels_by_step(x, learnt, beta, rule).mul_(step);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &learnt = saved[1], &offset = saved[2];
    const StepRule rule = saved_rule(context);
    const at::Tensor step = used_step(learnt, rule.power_of_two);
    const at::Tensor zero_point =
        offset.defined() ? used_zero_point(offset, step, rule.codes) : at::zeros({1}, x.options());
    SnapGradients found =
        gradients_by_step({x, gradients[0], rule.axis}, step, zero_point, rule.codes);
    found.of_learnt.mul_(rule.gradient_scale).mul_(sign_of(learnt));
    found.of_offset.mul_(rule.gradient_scale);
    return {found.of_x, found.of_learnt, offset.defined() ? found.of_offset : at::Tensor(),
            at::Tensor()};
  }
};

struct SnapByClip : torch::autograd::Function<SnapByClip> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& clip,
                            const StepRule& rule) {
    context->save_for_backward({x, clip});
    save_rule(context, rule);
    return levels_by_clip(x, clip, rule).mul_(along_axis(step_of_clip(clip, rule), x, rule.axis));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &clip = saved[1];
    const StepRule rule = saved_rule(context);
    const at::Tensor used = rule.power_of_two
                                ? step_of_clip(clip, rule) * number_like(x, rule.codes.highest)
                                : used_step(clip, false);
    const SnapGradients found = gradients_by_clip({x, gradients[0], rule.axis}, used);
    return {found.of_x, found.of_learnt * sign_of(clip), at::Tensor()};
  }
};

struct SnapNormalized : torch::autograd::Function<SnapNormalized> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& clip,
                            const at::Tensor& step, const StepRule& rule) {
    context->save_for_backward({x, clip, step});
    save_rule(context, rule);
    return levels_normalized(x, clip, rule).mul_(step);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &clip = saved[1], &step = saved[2];
    const StepRule rule = saved_rule(context);
    const at::Tensor range = step * number_like(x, rule.codes.highest);
    const SnapGradients found =
        gradients_normalized({x, gradients[0], rule.axis}, used_step(clip, false), range);
    return {found.of_x, found.of_learnt * sign_of(clip), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor used_step(const at::Tensor& learnt, bool power_of_two) {
  const at::Tensor step = learnt.detach().abs().clamp_min(kLeastStep);
  if (!power_of_two) return step;
  // step = m·2^e with m in [1/2, 1), and e is too large by one if log2 m < −1/2. No operation here
  // rounds, as exp2(round(log2 step)) might.
  const auto [mantissa, exponent] = at::frexp(step);
  const at::Tensor power = step / mantissa;
  return at::where(mantissa < std::sqrt(0.5), power * 0.5, power);
}

at::Tensor used_zero_point(const at::Tensor& offset, const at::Tensor& step,
                           const numeric::CodeRange& codes) {
  const at::Tensor zero_point = at::round(-offset.detach() / step);
  return without_negative_zero(zero_point.clamp(codes.lowest, codes.highest));
}

at::Tensor levels_by_step(const at::Tensor& x, const at::Tensor& learnt, const at::Tensor& offset,
                          const StepRule& rule) {
  const at::Tensor step = used_step(learnt, rule.power_of_two);
  at::Tensor levels = (x.detach() / along_axis(step, x, rule.axis)).round_();
  if (!offset.defined()) {
    return without_negative_zero(levels.clamp_(rule.codes.lowest, rule.codes.highest));
  }
  const at::Tensor zero_point = along_axis(used_zero_point(offset, step, rule.codes), x, rule.axis);
  return levels.add_(zero_point).clamp_(rule.codes.lowest, rule.codes.highest).sub_(zero_point);
}

at::Tensor snap_by_step(const at::Tensor& x, const at::Tensor& learnt, const at::Tensor& offset,
                        const StepRule& rule) {
  return SnapByStep::apply(
      x, learnt, offset.defined() ? c10::optional<at::Tensor>(offset) : c10::nullopt, rule);
}

at::Tensor step_of_clip(const at::Tensor& clip, const StepRule& rule) {
  // By a tensor, for a division by a number is a product with its reciprocal on some devices.
  return used_step(clip.detach() / number_like(clip, rule.codes.highest), rule.power_of_two);
}

at::Tensor levels_by_clip(const at::Tensor& x, const at::Tensor& clip, const StepRule& rule) {
  const at::Tensor step = along_axis(step_of_clip(clip, rule), x, rule.axis);
  return without_negative_zero((x.detach() / step).round_().clamp_(0, rule.codes.highest));
}

at::Tensor snap_by_clip(const at::Tensor& x, const at::Tensor& clip, const StepRule& rule) {
  return SnapByClip::apply(x, clip, rule);
}

at::Tensor levels_normalized(const at::Tensor& x, const at::Tensor& clip, const StepRule& rule) {
  const at::Tensor a = along_axis(used_step(clip, false), x, rule.axis);
  return without_negative_zero((x.detach() / a).clamp_(0, 1).mul_(rule.codes.highest).round_());
}

at::Tensor snap_normalized(const at::Tensor& x, const at::Tensor& clip, const at::Tensor& step,
                           const StepRule& rule) {
  return SnapNormalized::apply(x, clip, step, rule);
}

at::Tensor levels_by_tanh(const at::Tensor& weights, std::int64_t highest) {
  return LevelsByTanh::apply(weights, highest);
}

}  // namespace sluice::train
