// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/trainer.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <dlfcn.h>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "sluice/base/rng.hpp"
#include "sluice/base/text.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/train/loss.hpp"
#include "sluice/train/mixup.hpp"
#include "sluice/train/network.hpp"
#include "sluice/train/optimizer.hpp"
#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

Result<at::Device> device_of(DeviceChoice choice) {
  const bool has_cuda = at::hasCUDA();
  if (choice == DeviceChoice::Cuda && !has_cuda) {
    return invalid_argument("no CUDA device, or a LibTorch without CUDA; leave --device out");
  }
  return at::Device(has_cuda && choice != DeviceChoice::Cpu ? at::kCUDA : at::kCPU);
}

// OpenBLAS, where it is the BLAS of LibTorch, has threads of its own: one a processor, whatever
// LibTorch was told.
void set_threads(int count) {
  at::set_num_threads(count);
  auto* const set =
      reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(count);
}

// What LibTorch throws becomes an error: a shape that does not fit, memory that is not there.
template <class Call>
auto caught(const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return Error{ErrorCode::External, "LibTorch: " + text.substr(0, text.find('\n'))};
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return Error{ErrorCode::External, "LibTorch: " + text.substr(0, text.find('\n'))};
  }
}

at::Tensor labels_of(std::span<const std::int64_t> labels) {
  at::Tensor result = at::empty({static_cast<std::int64_t>(labels.size())}, at::kLong);
  std::ranges::copy(labels, result.data_ptr<std::int64_t>());
  return result;
}

}  // namespace

struct Trainer::State {
  State(Network network, Recipe of, at::Device on)
      : recipe(std::move(of)),
        device(on),
        student(std::move(network)),
        optimizer(student.parameters(), recipe.optimizer) {}

  Recipe recipe;
  at::Device device;
  Network student;
  Optimizer optimizer;
  std::optional<Network> average;  // of the student's weights
  std::optional<Network> teacher;
  std::int64_t next_step = 0;

  [[nodiscard]] const Network& shown() const { return average ? *average : student; }

  // Everything that changes, by name; tensors share their memory with what they are of.
  [[nodiscard]] std::vector<StateTensor> tensors() const {
    std::vector<StateTensor> result;
    const auto list = [&](const Network& network, const std::string& prefix) {
      for (const Parameter& each : network.parameters()) {
        result.push_back({prefix + each.name, each.tensor.detach()});
      }
      for (const Buffer& each : network.buffers()) {
        result.push_back({prefix + each.name, each.tensor});
      }
    };
    list(student, "student/");
    if (average) list(*average, "average/");
    for (const StateTensor& each : optimizer.state()) {
      result.push_back({"optimizer/" + each.name, each.tensor});
    }
    return result;
  }

  // What the scores should say of the images.
  Result<at::Tensor> targets(const at::Tensor& images, const at::Tensor& labels,
                             std::int64_t classes) const {
    const at::Tensor exact = targets_of(labels, classes, recipe.label_smoothing);
    if (!teacher || recipe.teacher_weight == 0) return exact;
    const at::NoGradGuard no_gradients;
    SL_TRY(const at::Tensor answers, teacher->scores(images, false));
    if (answers.sizes() != exact.sizes()) {
      return invalid_argument(
          fmt::format("the teacher has {} classes, the network {}", answers.size(1), classes));
    }
    const at::Tensor soft = soft_targets(answers, recipe.temperature);
    return recipe.teacher_weight * soft + (1 - recipe.teacher_weight) * exact;
  }

  void move_average() {
    if (!average) return;
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < student.parameters().size(); ++i) {
      at::Tensor mean = average->parameters()[i].tensor;
      mean.lerp_(student.parameters()[i].tensor, 1 - recipe.average_decay);
    }
    for (std::size_t i = 0; i < student.buffers().size(); ++i) {
      at::Tensor copy = average->buffers()[i].tensor;
      copy.copy_(student.buffers()[i].tensor);
    }
  }

  [[nodiscard]] Error diverged() const {
    return {ErrorCode::Infeasible,
            fmt::format("the loss is no number any more at step {}; try a lower learning rate than "
                        "{:g}, more steps of warming up, or a bound on the gradients' norm",
                        next_step, rate_at(recipe.schedule, next_step))};
  }

  Result<StepResult> step(at::Tensor images, std::span<const std::int64_t> given) {
    // Dropout of step n is that of step n, whenever it runs.
    at::manual_seed(recipe.seed + static_cast<std::uint64_t>(next_step));
    StepResult result{.rate = rate_at(recipe.schedule, next_step)};
    const at::Tensor labels = labels_of(given).to(device);
    const at::Tensor clean = images;
    std::optional<Mixture> mixture;
    if (recipe.mixup_alpha > 0) {
      mixture = draw_mixture(recipe.seed, next_step, images.size(0), recipe.mixup_alpha);
      images = mixed(clean, *mixture);
    }
    SL_TRY(const at::Tensor scores, student.scores(images, true));
    SL_TRY(at::Tensor wanted, targets(images, labels, scores.size(1)));
    if (mixture && !teacher) wanted = mixed(wanted, *mixture);
    const at::Tensor loss = cross_entropy(scores, wanted);
    result.loss = loss.item<double>();
    if (!std::isfinite(result.loss)) return diverged();
    if (!mixture) result.right = (scores.argmax(1) == labels).sum().item<std::int64_t>();
    optimizer.zero_gradients();
    loss.backward();
    result.gradient_norm = recipe.max_gradient_norm > 0
                               ? optimizer.clip_gradients(recipe.max_gradient_norm)
                               : optimizer.gradient_norm();
    if (!std::isfinite(result.gradient_norm)) return diverged();
    optimizer.step(result.rate);
    ++next_step;
    move_average();
    return result;
  }
};

Trainer::Trainer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

Result<Trainer> Trainer::create(ir::Graph student, Recipe recipe, std::optional<ir::Graph> teacher,
                                const std::optional<Tensor>& calibration) {
  SL_TRY_STATUS(check_recipe(recipe));
  SL_TRY(const at::Device device, device_of(recipe.device));
  return caught([&]() -> Result<Trainer> {
    set_threads(num_threads());
    // The network, and its average, which begins as the same.
    const auto make = [&]() -> Result<Network> {
      SL_TRY(Network network, Network::create(student, recipe.frozen, device));
      if (recipe.precision == Precision::BFloat16) network.multiply_in_bfloat16();
      if (recipe.learns_clips) SL_TRY_STATUS(network.learn_clips());
      if (!recipe.quantization) return network;
      if (!calibration) return invalid_argument("quantizers need images to start from");
      SL_TRY(const at::Tensor images, to_torch(*calibration));
      SL_TRY_STATUS(network.quantize(*recipe.quantization, images.to(device)));
      return network;
    };
    SL_TRY(Network network, make());
    auto state = std::make_unique<State>(std::move(network), recipe, device);
    if (recipe.average_decay > 0) {
      SL_TRY(state->average, make());
    }
    if (teacher) {
      auto made = Network::create(*std::move(teacher), {}, device);
      if (!made) return std::move(made).error().at("teacher");
      state->teacher = *std::move(made);
    }
    return Trainer(std::move(state));
  });
}

Result<StepResult> Trainer::step(const Tensor& images, std::span<const std::int64_t> labels) {
  return caught([&]() -> Result<StepResult> {
    SL_TRY(const at::Tensor tensor, to_torch(images));
    return state_->step(tensor.to(state_->device), labels);
  });
}

Result<Tensor> Trainer::scores(const Tensor& images) const {
  return caught([&]() -> Result<Tensor> {
    const at::NoGradGuard no_gradients;
    SL_TRY(const at::Tensor tensor, to_torch(images));
    SL_TRY(const at::Tensor scores, state_->shown().scores(tensor.to(state_->device), false));
    return from_torch(scores);
  });
}

ir::Graph Trainer::graph() const {
  return state_->shown().graph();
}

Result<ir::Graph> Trainer::integer_graph() const {
  return caught([&] { return state_->shown().integer_graph(); });
}

std::int64_t Trainer::next_step() const {
  return state_->next_step;
}

std::int64_t Trainer::num_parameters() const {
  std::int64_t count = 0;
  for (const Parameter& each : state_->student.parameters()) count += each.tensor.numel();
  return count;
}

TrainerState Trainer::state() const {
  TrainerState result{.step = state_->next_step};
  for (const StateTensor& each : state_->tensors()) {
    result.tensors.push_back({each.name, from_torch(each.tensor)});
  }
  return result;
}

Status Trainer::restore(const TrainerState& state) {
  std::map<std::string_view, const Tensor*> given;
  for (const NamedTensor& each : state.tensors) given.emplace(each.name, &each.tensor);
  const auto wanted = state_->tensors();
  for (const StateTensor& each : wanted) {
    const auto found = given.find(each.name);
    const bool fits =
        found != given.end() && at::IntArrayRef(found->second->shape()) == each.tensor.sizes();
    if (!fits) {
      return invalid_argument(
          fmt::format("the state has no {} of the network's shape: it is of another training",
                      sluice::quoted(each.name)));
    }
  }
  const at::NoGradGuard no_gradients;
  for (const StateTensor& each : wanted) {
    SL_TRY(const at::Tensor tensor, to_torch(*given.at(each.name)));
    each.tensor.copy_(tensor);
  }
  state_->next_step = state.step;
  return {};
}

std::string Trainer::device() const {
  return state_->device.is_cuda() ? "cuda" : "cpu";
}

}  // namespace sluice::train
