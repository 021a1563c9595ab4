// SPDX-License-Identifier: Apache-2.0
// Trainer: a network, its teacher, and one step after another. The same network, recipe and batches
// give the same weights to the bit on a CPU; a state that was taken and put back does not change
// that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/named_tensor.hpp"
#include "sluice/numeric/tensor.hpp"
#include "sluice/train/recipe.hpp"

namespace sluice::train {

struct StepResult {
  double loss = 0;         // before the step
  std::int64_t right = 0;  // images whose label had the greatest score; of mixed images none counts
  double rate = 0;         // of learning
  double gradient_norm = 0;  // before clipping
};

// All that a training goes on from.
struct TrainerState {
  std::int64_t step = 0;  // that comes next
  std::vector<NamedTensor> tensors;
};

class Trainer {
 public:
  // Both networks must have their types; the teacher, which is not trained, takes the same images
  // and has as many scores. `calibration`: images that the steps of a recipe with quantization
  // start from; its network is as Network::quantize has it. InvalidArgument for a recipe or a
  // device that cannot be; Unsupported, with the place, for nodes that cannot be trained through.
  static Result<Trainer> create(ir::Graph student, Recipe recipe,
                                std::optional<ir::Graph> teacher = {},
                                const std::optional<Tensor>& calibration = {});
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  // One step on a batch [n, …] of float32. Infeasible, with what to do, where the loss is no number
  // any more: the weights are then those before the step, statistics of normalizations aside.
  Result<StepResult> step(const Tensor& images, std::span<const std::int64_t> labels);
  // Scores as the network gives them when it does not learn, by the averaged weights if there are.
  [[nodiscard]] Result<Tensor> scores(const Tensor& images) const;

  // The network with what was learnt, by the averaged weights if there are.
  [[nodiscard]] ir::Graph graph() const;
  // The same on codes, of a recipe with quantization: its outputs are scores() to the last bit.
  [[nodiscard]] Result<ir::Graph> integer_graph() const;
  [[nodiscard]] std::int64_t next_step() const;
  // Numbers that are trained.
  [[nodiscard]] std::int64_t num_parameters() const;
  [[nodiscard]] TrainerState state() const;
  // InvalidArgument where a tensor is missing or has another shape: it is of another training.
  [[nodiscard]] Status restore(const TrainerState& state);
  // "cpu", "cuda".
  [[nodiscard]] std::string device() const;

 private:
  struct State;
  explicit Trainer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::train
