// SPDX-License-Identifier: Apache-2.0
// Builder: a network layer by layer. Nodes have the names of the modules they are in training, and
// weights the module's name and a word: node "conv1" (Conv) reads "conv1.weight".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/zoo/network.hpp"

namespace sluice::zoo {

// A value of the graph and its size for one image.
struct Map {
  ir::ValueId value = ir::kNoValue;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// What random weights are drawn from.
enum class Init : unsigned char {
  FanOut,   // Kaiming normal: variance 2/(outputs·kernel)
  FanIn,    // Kaiming normal: variance 2/(inputs·kernel)
  Uniform,  // PyTorch's own of Linear: ±1/√inputs
  Normal,   // standard deviation 0.01
};

struct ConvSpec {
  std::int64_t channels = 0;  // that come out
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  Init init = Init::FanOut;
};

struct PoolSpec {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t pad = 0;
};

class Builder {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    // Without: convolutions and classifiers are 0, which is enough to count them.
    bool random_weights = true;
  };
  Builder(std::string name, Settings settings);

  // The network's input: "input", [batch, channels, size, size].
  Map input(std::int64_t channels, std::int64_t size);

  // Without bias, padded by half the kernel.
  Map conv(const std::string& name, const Map& x, const ConvSpec& spec);
  Map batch_norm(const std::string& name, const Map& x);
  Map relu(const std::string& name, const Map& x);
  Map relu6(const std::string& name, const Map& x);
  Map max_pool(const std::string& name, const Map& x, const PoolSpec& spec);
  Map add(const std::string& name, const Map& a, const Map& b);
  Map concat(const std::string& name, const std::vector<Map>& parts);
  // Parts of these channels, one behind the other.
  std::vector<Map> split(const std::string& name, const Map& x,
                         const std::vector<std::int64_t>& channels);
  // out[i·groups + g] = x[g·channels/groups + i]
  Map shuffle(const std::string& name, const Map& x, std::int64_t groups);
  // The last `channels` first.
  Map rotate(const std::string& name, const Map& x, std::int64_t channels);
  // Every second row and column, then zeros for channels before and after.
  Map halve_and_pad(const std::string& name, const Map& x, std::int64_t channels_before,
                    std::int64_t channels_after);
  // Channel c is moved by a pixel: down, right, not at all, left, up as c mod 5 is 0, 1, 2, 3, 4;
  // zeros come in.
  Map shift(const std::string& name, const Map& x);

  // A scalar "name.scale_coef" for scaled_clip(), which may use it several times.
  std::size_t clip_parameter(const std::string& name, float scale, float range);
  // range·clip(x, 0, scale)/scale
  Map scaled_clip(const std::string& name, const Map& x, std::size_t clip);

  // Mean of each channel, and a linear layer `name` with bias: the end. InvalidArgument if an input
  // of this size leaves nothing of a layer on the way.
  [[nodiscard]] Result<Network> classify(const std::string& name, const Map& x,
                                         std::int64_t classes, Init init);

 private:
  ir::ValueId constant(std::string name, Tensor content);
  ir::ValueId integers(const std::string& name, const std::vector<std::int64_t>& values);
  ir::ValueId parameter(std::string name, Tensor content, ParameterKind kind,
                        std::int64_t macs = 0);
  Tensor random(Shape shape, Init init);
  Tensor uniform(Shape shape, double bound);
  Map node(const std::string& name, ir::Op op, std::vector<ir::ValueId> inputs, Map like);
  // Of a window over x; remembers the first layer that nothing is left of.
  Map windowed(const std::string& name, const Map& x, const PoolSpec& window);

  Network network_;
  Settings settings_;
  Rng rng_;
  std::string vanished_;
};

}  // namespace sluice::zoo
