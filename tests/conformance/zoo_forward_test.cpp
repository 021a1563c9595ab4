// SPDX-License-Identifier: Apache-2.0
// Two networks of the zoo by the published description of them alone: plain loops over a state
// dict, without a graph. Every weight is drawn, normalizations and clips too, and goes in by the
// names that PyTorch has for them.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/support/net.hpp"

#include "sluice/runtime/onednn/executor.hpp"
#include "sluice/zoo/catalog.hpp"
#include "sluice/zoo/weights.hpp"

namespace sluice::test {
namespace {

// Channels of rows and columns, in float64.
struct Planes {
  std::int64_t channels = 0, height = 0, width = 0;
  std::vector<double> values;

  static Planes of(std::int64_t channels, std::int64_t height, std::int64_t width) {
    return {channels, height, width,
            std::vector<double>(static_cast<std::size_t>(channels * height * width))};
  }
  double& at(std::int64_t c, std::int64_t y, std::int64_t x) {
    return values[static_cast<std::size_t>((c * height + y) * width + x)];
  }
  [[nodiscard]] double at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>((c * height + y) * width + x)];
  }
  [[nodiscard]] bool has(std::int64_t y, std::int64_t x) const {
    return y >= 0 && y < height && x >= 0 && x < width;
  }
};

Planes channels_of(const Planes& x, std::int64_t begin, std::int64_t end) {
  const std::int64_t plane = x.height * x.width;
  Planes part = Planes::of(end - begin, x.height, x.width);
  std::copy_n(x.values.begin() + begin * plane, (end - begin) * plane, part.values.begin());
  return part;
}

Planes joined(const Planes& a, const Planes& b) {
  Planes both = a;
  both.channels += b.channels;
  both.values.insert(both.values.end(), b.values.begin(), b.values.end());
  return both;
}

template <class Function>
Planes each(Planes x, const Function& function) {
  for (double& value : x.values) value = function(value);
  return x;
}

double relu(double value) {
  return std::max(value, 0.0);
}

// Of stride 2; what padding brings in is never the largest.
Planes max_pool(const Planes& x, std::int64_t kernel, std::int64_t pad) {
  const auto along = [&](std::int64_t size) { return (size + 2 * pad - kernel) / 2 + 1; };
  Planes out = Planes::of(x.channels, along(x.height), along(x.width));
  for (std::int64_t c = 0; c < x.channels; ++c) {
    for (std::int64_t i = 0; i < out.height * out.width; ++i) {
      const std::int64_t row = i / out.width, column = i % out.width;
      double most = -INFINITY;
      for (std::int64_t k = 0; k < kernel * kernel; ++k) {
        const std::int64_t y = 2 * row - pad + k / kernel, z = 2 * column - pad + k % kernel;
        if (x.has(y, z)) most = std::max(most, x.at(c, y, z));
      }
      out.at(c, row, column) = most;
    }
  }
  return out;
}

class StateDict {
 public:
  explicit StateDict(const importer::Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  [[nodiscard]] const Tensor& tensor(const std::string& name) const {
    const Tensor* found = checkpoint_.find(name);
    if (found == nullptr) throw std::out_of_range(name);
    return *found;
  }
  [[nodiscard]] double number(const std::string& name, std::int64_t i = 0) const {
    return static_cast<double>(tensor(name).data<float>()[static_cast<std::size_t>(i)]);
  }

  // Of any groups, padded by half the kernel.
  [[nodiscard]] Planes conv(const std::string& name, const Planes& x,
                            std::int64_t stride = 1) const {
    const Tensor& weight = tensor(name + ".weight");
    const auto taps = weight.data<float>();
    const std::int64_t outputs = weight.shape()[0], inputs = weight.shape()[1];
    const std::int64_t kernel = weight.shape()[2], pad = kernel / 2;
    const std::int64_t outputs_each = outputs / (x.channels / inputs);
    Planes out = Planes::of(outputs, (x.height - 1) / stride + 1, (x.width - 1) / stride + 1);
    for (std::int64_t tap = 0; tap < num_elements(weight.shape()); ++tap) {
      const std::int64_t o = tap / (inputs * kernel * kernel);
      const std::int64_t c = tap / (kernel * kernel) % inputs + o / outputs_each * inputs;
      const std::int64_t dy = tap / kernel % kernel - pad, dx = tap % kernel - pad;
      const double w = taps[static_cast<std::size_t>(tap)];
      for (std::int64_t i = 0; i < out.height * out.width; ++i) {
        const std::int64_t y = i / out.width * stride + dy, z = i % out.width * stride + dx;
        if (x.has(y, z)) out.at(o, i / out.width, i % out.width) += w * x.at(c, y, z);
      }
    }
    return out;
  }

  [[nodiscard]] Planes batch_norm(const std::string& name, Planes x) const {
    constexpr double kEpsilon = 1e-5;
    const std::int64_t plane = x.height * x.width;
    for (std::int64_t c = 0; c < x.channels; ++c) {
      const double gain =
          number(name + ".weight", c) / std::sqrt(number(name + ".running_var", c) + kEpsilon);
      const double offset = number(name + ".bias", c) - gain * number(name + ".running_mean", c);
      for (std::int64_t i = 0; i < plane; ++i) {
        double& value = x.values[static_cast<std::size_t>(c * plane + i)];
        value = gain * value + offset;
      }
    }
    return x;
  }

  // range·(|x| − |x − s| + s)/(2s), which is clip(x, 0, s) on another scale.
  [[nodiscard]] Planes act(const std::string& name, Planes x, double range) const {
    const double s = std::abs(number(name + ".scale_coef"));
    return each(std::move(x), [&](double value) {
      return range * (std::abs(value) - std::abs(value - s) + s) / (2 * s);
    });
  }

  // Mean of each channel, and the linear layer.
  [[nodiscard]] Tensor classify(const Planes& x) const {
    const Tensor& weight = tensor("linear.weight");
    const std::int64_t classes = weight.shape()[0], plane = x.height * x.width;
    Tensor scores(DType::Float32, {1, classes});
    for (std::int64_t k = 0; k < classes; ++k) {
      double sum = number("linear.bias", k);
      for (std::int64_t c = 0; c < x.channels; ++c) {
        const auto begin = x.values.begin() + c * plane;
        const double mean = std::accumulate(begin, begin + plane, 0.0) / static_cast<double>(plane);
        sum += number("linear.weight", k * x.channels + c) * mean;
      }
      scores.mutable_data<float>()[static_cast<std::size_t>(k)] = static_cast<float>(sum);
    }
    return scores;
  }

 private:
  const importer::Checkpoint& checkpoint_;
};

// ---- ShuffleNetV2

Planes interleaved(const Planes& left, const Planes& right) {
  Planes out = Planes::of(2 * left.channels, left.height, left.width);
  const std::int64_t plane = left.height * left.width;
  for (std::int64_t c = 0; c < left.channels; ++c) {
    std::copy_n(left.values.begin() + c * plane, plane, out.values.begin() + 2 * c * plane);
    std::copy_n(right.values.begin() + c * plane, plane, out.values.begin() + (2 * c + 1) * plane);
  }
  return out;
}

Planes shuffle_unit(const StateDict& state, const std::string& name, const Planes& x, bool down) {
  const std::int64_t half = x.channels / 2;
  Planes left = down ? x : channels_of(x, 0, half);
  if (down) {
    left = state.batch_norm(name + ".shortcut.1", state.conv(name + ".shortcut.0", left, 2));
    left = state.batch_norm(name + ".shortcut.3", state.conv(name + ".shortcut.2", left));
    left = each(std::move(left), relu);
  }
  Planes right = down ? x : channels_of(x, half, x.channels);
  right = each(state.batch_norm(name + ".bn1", state.conv(name + ".conv1", right)), relu);
  right = state.batch_norm(name + ".bn2", state.conv(name + ".conv2", right, down ? 2 : 1));
  right = each(state.batch_norm(name + ".bn3", state.conv(name + ".conv3", right)), relu);
  return interleaved(left, right);
}

Tensor shufflenet(const StateDict& state, const Planes& image) {
  Planes x = each(state.batch_norm("bn1", state.conv("conv1", image, 2)), relu);
  x = max_pool(x, 3, 1);
  for (const auto& [layer, units] : {std::pair(1, 4), std::pair(2, 8), std::pair(3, 4)}) {
    for (int unit = 0; unit < units; ++unit) {
      x = shuffle_unit(state, fmt::format("layer{}.{}", layer, unit), x, unit == 0);
    }
  }
  return state.classify(each(state.batch_norm("bn2", state.conv("conv2", x)), relu));
}

// ---- DiracDeltaNet

// Five directions, one behind the other: what channel c reads.
Planes shift(const Planes& x) {
  constexpr std::array<std::array<std::int64_t, 2>, 5> kReads{
      {{-1, 0}, {0, -1}, {0, 0}, {0, 1}, {1, 0}}};
  Planes out = Planes::of(x.channels, x.height, x.width);
  for (std::int64_t c = 0; c < x.channels; ++c) {
    const auto& [dy, dx] = kReads[static_cast<std::size_t>(c % 5)];
    for (std::int64_t y = 0; y < x.height; ++y) {
      for (std::int64_t z = 0; z < x.width; ++z) {
        if (x.has(y + dy, z + dx)) out.at(c, y, z) = x.at(c, y + dy, z + dx);
      }
    }
  }
  return out;
}

Planes dirac_block(const StateDict& state, const std::string& name, const Planes& x, bool first,
                   bool splits) {
  constexpr double kRange = 2;
  const std::int64_t half = x.channels / 2;
  Planes left = splits ? channels_of(x, 0, half) : x;
  Planes right = splits ? channels_of(x, half, x.channels) : x;
  if (first) {
    left = state.conv(name + ".shortcut.0", max_pool(left, 2, 0));
    left = state.act(name + ".quant_act2", state.batch_norm(name + ".shortcut.1", left), kRange);
  }
  right = state.batch_norm(name + ".bn1", state.conv(name + ".conv1", right));
  right = state.act(name + ".quant_act1", right, kRange);
  if (first) right = max_pool(right, 2, 0);
  right = state.batch_norm(name + ".bn3", state.conv(name + ".conv3", shift(right)));
  right = state.act(name + ".quant_act2", right, kRange);
  const Planes both = joined(left, right);
  const std::int64_t cut = 3 * both.channels / 4;
  return joined(channels_of(both, cut, both.channels), channels_of(both, 0, cut));
}

Tensor diracdeltanet(const StateDict& state, const Planes& image) {
  Planes x = state.act("quant_act1", state.batch_norm("bn1", state.conv("conv1", image)), 6);
  x = shift(max_pool(x, 2, 1));
  x = state.act("quant_act2", state.batch_norm("bn2", state.conv("conv2", x)), 2);
  x = shift(max_pool(x, 2, 1));
  for (const auto& [layer, blocks] : {std::pair(1, 4), std::pair(2, 8), std::pair(3, 4)}) {
    for (int block = 0; block < blocks; ++block) {
      const bool first = block == 0;
      x = dirac_block(state, fmt::format("layer{}.{}", layer, block), x, first,
                      !first || layer == 1);
    }
  }
  x = state.act("quant_act3", state.batch_norm("bn3", state.conv("conv3", x)), 10);
  return state.classify(x);
}

// ----

// As random as weights that were trained: normalizations and clips that change something.
importer::Checkpoint drawn_weights(const zoo::Network& network) {
  using enum zoo::ParameterKind;
  importer::Checkpoint checkpoint;
  std::uint32_t seed = 0;
  for (const zoo::Parameter& parameter : network.parameters) {
    ++seed;
    const Tensor& content = *network.graph[parameter.value].constant;
    if (parameter.kind == Frozen) continue;  // shifts are shifts without them
    const bool is_weight = parameter.kind == Weight;
    Tensor drawn = is_weight ? content
                   : parameter.kind == Scale || parameter.kind == RunningVariance
                       ? random_tensor(content.shape(), seed, 0.5F, 1.5F)
                   : parameter.kind == Clip ? random_tensor({1}, seed, 1, 4)
                                            : random_tensor(content.shape(), seed, -0.5F, 0.5F);
    checkpoint.tensors.push_back({parameter.name, std::move(drawn)});
  }
  return checkpoint;
}

class ZooForward : public testing::Test {
 protected:
  // By the graph, read by the loops that define it and by oneDNN, and by the description.
  static void expect_described(const char* name,
                               Tensor (*described)(const StateDict&, const Planes&)) {
    constexpr std::int64_t kPixels = 64;
    constexpr float kTolerance = 1e-5F;
    auto network = zoo::build(name, {.input_size = kPixels, .seed = 5});
    ASSERT_TRUE(network) << network.error().text();
    const importer::Checkpoint checkpoint = drawn_weights(*network);
    const Status loaded = zoo::load_weights(*network, checkpoint);
    ASSERT_TRUE(loaded) << loaded.error().text();
    ir::Graph graph = std::move(network->graph);
    const std::vector<Shape> shapes{{1, 3, kPixels, kPixels}};
    ASSERT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
    const std::vector<Tensor> images = random_inputs(graph);
    Planes image = Planes::of(3, kPixels, kPixels);
    std::ranges::copy(images[0].data<float>(), image.values.begin());
    const Tensor expected = described(StateDict(checkpoint), image);
    float largest = 0;
    for (const float score : expected.data<float>()) largest = std::max(largest, std::abs(score));
    EXPECT_GT(largest, 0.1F);
    EXPECT_LT(largest, 100.0F);
    expect_near(reference_outputs(graph, images), {expected}, kTolerance);
    expect_near(outputs_of(runtime::make_onednn_executor(graph), images), {expected}, kTolerance);
  }
};

TEST_F(ZooForward, ShuffleNetIsAsDescribed) {
  expect_described("shufflenetv2_x1_0", shufflenet);
}

TEST_F(ZooForward, DiracDeltaNetIsAsDescribed) {
  expect_described("diracdeltanet", diracdeltanet);
}

}  // namespace
}  // namespace sluice::test
