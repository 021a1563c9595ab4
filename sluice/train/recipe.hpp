// SPDX-License-Identifier: Apache-2.0
// Recipe: how a network is trained, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/train/quantization_recipe.hpp"
#include "sluice/train/schedule.hpp"

namespace sluice::train {

enum class Method : std::uint8_t { Sgd, Adam, AdamW };

// "sgd", "adam", "adamw". InvalidArgument with the nearest name.
[[nodiscard]] Result<Method> method_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(Method method) noexcept;

// Updates as PyTorch defines them for its optimizers of these names.
struct OptimizerOptions {
  Method method = Method::Sgd;
  double momentum = 0.9;  // of Sgd
  bool nesterov = false;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  // of Adam and AdamW
  double weight_decay = 4e-5;
  bool decays_all = false;  // also biases, normalizations and quantizers
};

// Where gradients are computed.
enum class DeviceChoice : std::uint8_t {
  Auto,  // CUDA where there is one
  Cpu,
  Cuda,
};

// What the products of layers are computed in while the network learns. Weights, sums between
// layers, gradients of weights and validation are float32 in either case.
enum class Precision : std::uint8_t { Float32, BFloat16 };

// "float32", "bfloat16". InvalidArgument with the nearest name.
[[nodiscard]] Result<Precision> precision_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(Precision precision) noexcept;

struct Recipe {
  OptimizerOptions optimizer;
  Schedule schedule;
  double label_smoothing = 0;
  double teacher_weight = 1;             // of the teacher's answers, the labels have the rest
  double temperature = 1;                // of the teacher's answers
  double mixup_alpha = 0;                // of Beta(α, α); 0: images are not mixed
  double max_gradient_norm = 0;          // of all gradients together; 0: not clipped
  double average_decay = 0;              // of the moving average of the weights; 0: there is none
  std::vector<std::string> frozen = {};  // weights that stay as they are
  // Whether clips that are a Clip from 0 to a constant and a Mul by another learn where they end.
  // Their product, the range, stays. In float32; training for integers has clips of its own.
  bool learns_clips = false;
  // None: in float32.
  std::optional<QuantizationRecipe> quantization = {};
  Precision precision = Precision::Float32;
  DeviceChoice device = DeviceChoice::Auto;
  std::uint64_t seed = 1;
};

// InvalidArgument for a number outside its bounds.
[[nodiscard]] Status check_recipe(const Recipe& recipe);

}  // namespace sluice::train
