// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/builder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/text.hpp"

namespace sluice::zoo {
namespace {

Tensor filled(Shape shape, float value) {
  Tensor tensor(DType::Float32, std::move(shape));
  std::ranges::fill(tensor.mutable_data<float>(), value);
  return tensor;
}

// The centre of a 3×3 kernel moved to where a channel reads, one row a residue of c mod 5.
constexpr std::array<std::size_t, 5> kShiftTaps{1, 3, 4, 5, 7};
constexpr std::int64_t kShiftKernel = 3;

}  // namespace

Builder::Builder(std::string name, Settings settings) : settings_(settings), rng_(settings.seed) {
  network_.graph.name = std::move(name);
}

Map Builder::input(std::int64_t channels, std::int64_t size) {
  network_.input_size = size;
  const ir::ValueId value =
      network_.graph.add_input("input", DType::Float32, {ir::kOpenDim, channels, size, size});
  return {value, channels, size, size};
}

ir::ValueId Builder::constant(std::string name, Tensor content) {
  return network_.graph.add_constant(std::move(name), std::move(content));
}

ir::ValueId Builder::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  return constant(name,
                  Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
}

ir::ValueId Builder::parameter(std::string name, Tensor content, ParameterKind kind,
                               std::int64_t macs) {
  const ir::ValueId value = constant(name, std::move(content));
  network_.parameters.push_back({std::move(name), value, kind, macs});
  return value;
}

Tensor Builder::uniform(Shape shape, double bound) {
  Tensor tensor(DType::Float32, std::move(shape));
  if (!settings_.random_weights) return tensor;
  for (float& value : tensor.mutable_data<float>()) {
    value = static_cast<float>(rng_.real(-bound, bound));
  }
  return tensor;
}

Tensor Builder::random(Shape shape, Init init) {
  const auto outputs = static_cast<double>(shape[0]);
  const auto inputs = static_cast<double>(shape[1]);
  const double kernel = static_cast<double>(num_elements(shape)) / (outputs * inputs);
  if (init == Init::Uniform) return uniform(std::move(shape), 1 / std::sqrt(inputs * kernel));
  const double deviation = init == Init::FanOut  ? std::sqrt(2 / (outputs * kernel))
                           : init == Init::FanIn ? std::sqrt(2 / (inputs * kernel))
                                                 : 0.01;
  Tensor tensor(DType::Float32, std::move(shape));
  if (!settings_.random_weights) return tensor;
  for (float& value : tensor.mutable_data<float>()) {
    value = static_cast<float>(deviation * rng_.normal());
  }
  return tensor;
}

Map Builder::node(const std::string& name, ir::Op op, std::vector<ir::ValueId> inputs, Map like) {
  ir::Graph& graph = network_.graph;
  like.value = graph[graph.add_node(name, std::move(op), std::move(inputs))].outputs[0];
  return like;
}

Map Builder::windowed(const std::string& name, const Map& x, const PoolSpec& window) {
  const auto along = [&](std::int64_t size) {
    const std::int64_t room = size + 2 * window.pad - window.kernel;
    return room < 0 ? 0 : room / window.stride + 1;
  };
  const Map out{ir::kNoValue, x.channels, along(x.height), along(x.width)};
  if ((out.height == 0 || out.width == 0) && vanished_.empty()) vanished_ = name;
  return out;
}

Map Builder::conv(const std::string& name, const Map& x, const ConvSpec& spec) {
  const std::int64_t pad = spec.kernel / 2;
  Map out = windowed(name, x, {spec.kernel, spec.stride, pad});
  out.channels = spec.channels;
  const Shape shape{spec.channels, x.channels / spec.groups, spec.kernel, spec.kernel};
  const std::int64_t macs = out.height * out.width * num_elements(shape);
  const ir::ValueId weight =
      parameter(name + ".weight", random(shape, spec.init), ParameterKind::Weight, macs);
  const ir::Window window{.kernel = {spec.kernel, spec.kernel},
                          .strides = {spec.stride, spec.stride},
                          .dilations = {},
                          .pads = {pad, pad, pad, pad}};
  return node(name, ir::Conv{window, spec.groups}, {x.value, weight}, out);
}

Map Builder::batch_norm(const std::string& name, const Map& x) {
  const Shape shape{x.channels};
  const ir::ValueId scale = parameter(name + ".weight", filled(shape, 1), ParameterKind::Scale);
  const ir::ValueId offset = parameter(name + ".bias", filled(shape, 0), ParameterKind::Offset);
  const ir::ValueId mean =
      parameter(name + ".running_mean", filled(shape, 0), ParameterKind::RunningMean);
  const ir::ValueId variance =
      parameter(name + ".running_var", filled(shape, 1), ParameterKind::RunningVariance);
  return node(name, ir::BatchNormalization{}, {x.value, scale, offset, mean, variance}, x);
}

Map Builder::relu(const std::string& name, const Map& x) {
  return node(name, ir::Relu{}, {x.value}, x);
}

Map Builder::relu6(const std::string& name, const Map& x) {
  const ir::ValueId least = constant(name + ".min", Tensor::scalar<float>(0));
  const ir::ValueId most = constant(name + ".max", Tensor::scalar<float>(6));
  return node(name, ir::Clip{}, {x.value, least, most}, x);
}

Map Builder::max_pool(const std::string& name, const Map& x, const PoolSpec& spec) {
  const ir::Window window{.kernel = {spec.kernel, spec.kernel},
                          .strides = {spec.stride, spec.stride},
                          .dilations = {},
                          .pads = {spec.pad, spec.pad, spec.pad, spec.pad}};
  return node(name, ir::MaxPool{.window = window}, {x.value}, windowed(name, x, spec));
}

Map Builder::add(const std::string& name, const Map& a, const Map& b) {
  return node(name, ir::Add{}, {a.value, b.value}, a);
}

Map Builder::concat(const std::string& name, const std::vector<Map>& parts) {
  Map out = parts.front();
  out.channels = 0;
  std::vector<ir::ValueId> inputs;
  inputs.reserve(parts.size());
  for (const Map& part : parts) {
    out.channels += part.channels;
    inputs.push_back(part.value);
  }
  return node(name, ir::Concat{.axis = 1}, std::move(inputs), out);
}

std::vector<Map> Builder::split(const std::string& name, const Map& x,
                                const std::vector<std::int64_t>& channels) {
  ir::Graph& graph = network_.graph;
  const ir::ValueId sizes = integers(name + ".sizes", channels);
  const ir::NodeId id =
      graph.add_node(name, ir::Split{.axis = 1}, {x.value, sizes}, channels.size());
  std::vector<Map> parts;
  parts.reserve(channels.size());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    parts.push_back({graph[id].outputs[i], channels[i], x.height, x.width});
  }
  return parts;
}

Map Builder::shuffle(const std::string& name, const Map& x, std::int64_t groups) {
  const std::int64_t each = x.channels / groups;
  const ir::ValueId apart = integers(name + ".apart", {0, groups, each, x.height, x.width});
  const ir::ValueId whole = integers(name + ".whole", {0, x.channels, x.height, x.width});
  Map y = node(name + ".groups", ir::Reshape{}, {x.value, apart}, x);
  y = node(name + ".interleave", ir::Transpose{.permutation = {0, 2, 1, 3, 4}}, {y.value}, y);
  return node(name, ir::Reshape{}, {y.value, whole}, y);
}

Map Builder::rotate(const std::string& name, const Map& x, std::int64_t channels) {
  const auto parts = split(name + ".split", x, {x.channels - channels, channels});
  return concat(name, {parts[1], parts[0]});
}

Map Builder::halve_and_pad(const std::string& name, const Map& x, std::int64_t channels_before,
                           std::int64_t channels_after) {
  constexpr std::int64_t kEnd = std::int64_t{1} << 31;  // beyond any size: to the end
  const ir::ValueId starts = integers(name + ".starts", {0, 0});
  const ir::ValueId ends = integers(name + ".ends", {kEnd, kEnd});
  const ir::ValueId axes = integers(name + ".axes", {2, 3});
  const ir::ValueId steps = integers(name + ".steps", {2, 2});
  const Map half{ir::kNoValue, x.channels, (x.height + 1) / 2, (x.width + 1) / 2};
  const Map y = node(name + ".slice", ir::Slice{}, {x.value, starts, ends, axes, steps}, half);
  const ir::ValueId pads =
      integers(name + ".pads", {0, channels_before, 0, 0, 0, channels_after, 0, 0});
  Map out = half;
  out.channels += channels_before + channels_after;
  return node(name, ir::Pad{}, {y.value, pads}, out);
}

// The one place that says how a shift is written: as a convolution of each channel with a kernel of
// a single 1, which every executor, the hardware model and ONNX's runtimes take.
Map Builder::shift(const std::string& name, const Map& x) {
  Tensor kernel(DType::Float32, {x.channels, 1, kShiftKernel, kShiftKernel});
  const auto taps = kernel.mutable_data<float>();
  constexpr std::size_t kTaps = kShiftKernel * kShiftKernel;
  for (std::size_t c = 0; c < static_cast<std::size_t>(x.channels); ++c) {
    taps[c * kTaps + kShiftTaps[c % kShiftTaps.size()]] = 1;
  }
  const ir::ValueId weight = parameter(name + ".kernel", std::move(kernel), ParameterKind::Frozen);
  const ir::Window window{.kernel = {kShiftKernel, kShiftKernel}, .pads = {1, 1, 1, 1}};
  return node(name, ir::Conv{window, x.channels}, {x.value, weight}, x);
}

std::size_t Builder::clip_parameter(const std::string& name, float scale, float range) {
  const ir::ValueId scale_id =
      parameter(name + ".scale_coef", Tensor::scalar(scale), ParameterKind::Clip);
  const ir::ValueId gain = constant(name + ".gain", Tensor::scalar(range / scale));
  network_.clips.push_back({scale_id, gain, range});
  return network_.clips.size() - 1;
}

Map Builder::scaled_clip(const std::string& name, const Map& x, std::size_t clip) {
  const ScaledClip& parts = network_.clips[clip];
  const ir::ValueId least = constant(name + ".min", Tensor::scalar<float>(0));
  const Map cut = node(name, ir::Clip{}, {x.value, least, parts.scale}, x);
  return node(name + ".scaled", ir::Mul{}, {cut.value, parts.gain}, cut);
}

Result<Network> Builder::classify(const std::string& name, const Map& x, std::int64_t classes,
                                  Init init) {
  if (!vanished_.empty()) {
    return invalid_argument(fmt::format(
        "an input of {}x{} pixels leaves nothing of layer {} of {}; "
        "use a larger one",
        network_.input_size, network_.input_size, sluice::quoted(vanished_), network_.graph.name));
  }
  network_.classes = classes;
  const Map mean = node("avgpool", ir::GlobalAveragePool{}, {x.value}, {{}, x.channels, 1, 1});
  const Map flat = node("flatten", ir::Flatten{}, {mean.value}, mean);
  const ir::ValueId weight = parameter(name + ".weight", random({classes, x.channels}, init),
                                       ParameterKind::Weight, classes * x.channels);
  // PyTorch's own, of weights that are drawn otherwise too; a normal one goes with zeros.
  Tensor start = init == Init::Normal ? filled({classes}, 0)
                                      : uniform({classes}, 1 / std::sqrt(double(x.channels)));
  const ir::ValueId bias = parameter(name + ".bias", std::move(start), ParameterKind::Bias);
  const Map logits =
      node(name, ir::Gemm{.trans_b = true}, {flat.value, weight, bias}, {{}, classes, 1, 1});
  network_.graph.outputs = {logits.value};
  return std::move(network_);
}

}  // namespace sluice::zoo
