// SPDX-License-Identifier: Apache-2.0
// Quantizer: makes a tensor's values those that its integers will stand for, and learns the step
// meanwhile.
#pragma once

#include <string>
#include <torch/types.h>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/train/parameter.hpp"
#include "sluice/train/quantizer_options.hpp"

namespace sluice::train {

// Copies share what is learnt: a quantizer used in several places collects the gradients of all.
// Values are float32, of the shape given but for its other dimensions than the axis. NaN stays NaN.
class Quantizer {
 public:
  // Of a tensor of this shape; of activations, the shape of one image's, [1, c, h, w], for the
  // values that share a step are counted in it. InvalidArgument as check_quantizer says. Steps
  // start at 1, clips at options.clip, offsets at 0.
  static Result<Quantizer> create(const std::string& name, const QuantizerOptions& options,
                                  const std::vector<std::int64_t>& shape,
                                  at::Device device = at::kCPU);

  // Sets what is learnt in place, as options.start says, from values such as it will see (of
  // several images, say). InvalidArgument where they are none or not all finite.
  [[nodiscard]] Status initialize(const at::Tensor& values) const;

  // step·(code − zero_point), one product in float32, with the gradients that fake_quantize.hpp
  // has.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  // The integers, int32; of NaN the zero point.
  [[nodiscard]] at::Tensor codes(const at::Tensor& x) const;
  // As they are used, [1] or [c] along the axis: positive, a power of two where that is asked for.
  // Of normalized-pact [1], wherever its clips are.
  [[nodiscard]] at::Tensor step() const;        // float32
  [[nodiscard]] at::Tensor zero_point() const;  // int32, one of the codes

  // Of normalized-pact R over the clip as it is used, [1]: what it multiplies values with.
  [[nodiscard]] at::Tensor gain() const;

  [[nodiscard]] const QuantizerOptions& options() const { return options_; }
  // "NAME.step" (lsq, lsq+), "NAME.clip" (pact, normalized-pact), "NAME.offset" (lsq+): to be
  // trained beside a network's, and all there is to be saved and copied back into.
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  Quantizer(const QuantizerOptions& options, double gradient_scale)
      : options_(options), gradient_scale_(gradient_scale) {}
  void check_values(const at::Tensor& x) const;
  [[nodiscard]] at::Tensor levels(const at::Tensor& x) const;

  QuantizerOptions options_;
  double gradient_scale_;
  at::Tensor learnt_;  // the step or the clip; a clip of 1 for unsigned dorefa; or undefined
  at::Tensor offset_;  // undefined without one
  std::vector<Parameter> parameters_;
};

}  // namespace sluice::train
