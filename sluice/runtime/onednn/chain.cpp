// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/chain.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "sluice/numeric/snap_simd.hpp"
#include "sluice/runtime/onednn/chain_kernels.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::runtime::onednn {
namespace {

constexpr std::int64_t kTileElements = 2048;  // 8 KiB: with an operand beside it well within L1

// How a layout falls into runs of consecutive elements: element i of run r is of the channel
// r mod groups · block + i mod block.
struct Walk {
  std::int64_t runs = 1;
  std::int64_t length = 1;  // elements a run
  std::int64_t groups = 1;
  std::int64_t runs_per_image = 1;  // for operands that differ from image to image
  std::int64_t block = 1;
  std::int64_t channels = 1;  // real ones; the rest of the last group is padding
  bool is_padded = false;

  // Elements after which a table of parameters repeats: whole blocks, and whole vectors too unless
  // that makes it long.
  std::int64_t period() const {
    const std::int64_t vectors = std::lcm(block, static_cast<std::int64_t>(kLanes));
    return vectors <= kTileElements ? vectors : block;
  }
  // Elements taken through all stages together: a multiple of the period.
  std::int64_t tile() const {
    return std::max<std::int64_t>(1, kTileElements / period()) * period();
  }
};

// One run for all: where channels do not matter.
Walk flat_walk(std::int64_t size) {
  return {.length = size};
}

// [N, C/block, spatial…, block]
std::optional<Walk> blocked_walk(const Desc& desc, std::int64_t block) {
  const Dims dims = desc.dims();
  if (dims.size() < 3 || desc != blocked_desc(dims, block)) return std::nullopt;
  const std::int64_t groups = (dims[1] + block - 1) / block;
  return Walk{.runs = dims[0] * groups,
              .length = num_elements(std::span(dims).subspan(2)) * block,
              .groups = groups,
              .runs_per_image = groups,
              .block = block,
              .channels = dims[1],
              .is_padded = dims[1] % block != 0};
}

std::optional<Walk> walk_of(const Desc& desc) {
  const Dims dims = desc.dims();
  if (is_plain(desc) && dims.size() < 2) return flat_walk(num_elements(dims));
  if (dims.size() < 2) return std::nullopt;
  const std::int64_t channels = dims[1];
  const std::int64_t spatial = num_elements(std::span(dims).subspan(2));
  if (is_plain(desc) && spatial > 1) {
    return Walk{.runs = dims[0] * channels,
                .length = spatial,
                .groups = channels,
                .runs_per_image = channels,
                .channels = channels};
  }
  if (is_plain(desc) || is_channels_last(desc)) {
    return Walk{
        .runs = dims[0], .length = spatial * channels, .block = channels, .channels = channels};
  }
  if (const auto walk = blocked_walk(desc, 16)) return walk;
  return blocked_walk(desc, 8);
}

// One value a channel as a table of one period a group; padding gets `pad`.
std::vector<float> table_of(const Walk& walk, std::span<const float> per_channel, float pad) {
  const std::int64_t period = walk.period();
  std::vector<float> table;
  table.reserve(static_cast<std::size_t>(walk.groups * period));
  for (std::int64_t group = 0; group < walk.groups; ++group) {
    for (std::int64_t i = 0; i < period; ++i) {
      const std::int64_t channel = group * walk.block + i % walk.block;
      table.push_back(channel < walk.channels ? per_channel[static_cast<std::size_t>(channel)]
                                              : pad);
    }
  }
  return table;
}

// A stage made ready for one layout.
struct Link {
  Stage stage;
  std::vector<float> table;        // binary with constants: one period, or one a group
  std::vector<float> scale, zero;  // snapping per channel: one period a group
  BufferId buffer{};               // binary with a value
};

// Part of a run, where it begins in the tensor.
struct Tile {
  std::int64_t run = 0;
  std::int64_t offset = 0;
  std::span<float> data;
};

struct Chain {
  Walk walk;
  BufferId from, to;
  std::vector<Link> links;

  void run(Addresses at) const {
    const std::int64_t size = walk.tile();
    const std::int64_t tiles = (walk.length + size - 1) / size;
    for_ranges(walk.runs * tiles, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t first = i % tiles * size;
        const std::int64_t offset = i / tiles * walk.length + first;
        const auto count = static_cast<std::size_t>(std::min(size, walk.length - first));
        run_tile(at,
                 {i / tiles, offset, {reinterpret_cast<float*>(at[index(to)]) + offset, count}});
      }
    });
  }

  void run_tile(Addresses at, const Tile& tile) const {
    if (from != to) {
      std::memcpy(tile.data.data(), reinterpret_cast<const float*>(at[index(from)]) + tile.offset,
                  tile.data.size_bytes());
    }
    for (const Link& link : links) {
      std::visit([&](const auto& stage) { apply(stage, link, at, tile); }, link.stage);
    }
    if (walk.is_padded && tile.run % walk.groups == walk.groups - 1) clear_padding(tile.data);
  }

  void apply(const Activation& activation, const Link& /*link*/, Addresses /*at*/,
             const Tile& tile) const {
    apply_activation(activation, tile.data.data(), tile.data.size());
  }

  void apply(const Binary& binary, const Link& link, Addresses at, const Tile& tile) const {
    if (binary.other.value == ir::kNoValue) {
      return apply_binary(binary.function, tile.data, of_group(link.table, tile));
    }
    const auto* other = reinterpret_cast<const float*>(at[index(link.buffer)]);
    if (!binary.other.is_per_channel) {
      return apply_binary(binary.function, tile.data, {other + tile.offset, tile.data.size()});
    }
    other += tile.run / walk.runs_per_image * walk.channels;
    if (walk.groups == 1 && walk.block == walk.channels) {
      return apply_binary(binary.function, tile.data,
                          {other, static_cast<std::size_t>(walk.channels)});
    }
    std::array<float, kLanes> lanes{};
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::int64_t channel =
          tile.run % walk.groups * walk.block + static_cast<std::int64_t>(i) % walk.block;
      lanes[i] = other[std::min(channel, walk.channels - 1)];
    }
    apply_binary(binary.function, tile.data, lanes);
  }

  void apply(const Snapping& snapping, const Link& link, Addresses /*at*/, const Tile& tile) const {
    if (link.scale.empty()) return numeric::snap_elements(snapping.grid, tile.data);
    const auto& grid = *std::get_if<numeric::AffineGrid>(&snapping.grid);
    if (walk.block == 1) {
      return numeric::snap_channel(grid, tile.run % walk.groups, tile.data);
    }
    // What is left after whole periods is whole blocks.
    const std::size_t period = static_cast<std::size_t>(walk.period());
    const std::size_t whole = tile.data.size() / period * period;
    const auto scale = of_group(link.scale, tile);
    const auto zero = of_group(link.zero, tile);
    const auto block = static_cast<std::size_t>(walk.block);
    numeric::snap_channels_last(grid.bits, scale, zero, tile.data.first(whole));
    numeric::snap_channels_last(grid.bits, scale.first(block), zero.first(block),
                                tile.data.subspan(whole));
  }

  // The period of the tile's group; the only one where all channels have the same.
  std::span<const float> of_group(std::span<const float> table, const Tile& tile) const {
    const auto period = static_cast<std::size_t>(walk.period());
    if (table.size() == period || table.size() == kLanes) return table;
    return table.subspan(static_cast<std::size_t>(tile.run % walk.groups) * period, period);
  }

  void clear_padding(std::span<float> data) const {
    const auto block = static_cast<std::size_t>(walk.block);
    const auto real = static_cast<std::size_t>(walk.channels % walk.block);
    for (std::size_t i = 0; i < data.size(); i += block) {
      std::fill_n(data.begin() + static_cast<std::ptrdiff_t>(i + real), block - real, 0.0F);
    }
  }
};

bool is_per_channel(const Stage& stage) {
  if (const auto* binary = std::get_if<Binary>(&stage)) {
    return binary->other.is_per_channel || binary->other.constants.size() > 1;
  }
  if (const auto* snapping = std::get_if<Snapping>(&stage)) {
    const auto* affine = std::get_if<numeric::AffineGrid>(&snapping->grid);
    return affine != nullptr && affine->scale.size() > 1;
  }
  return false;
}

bool runs_in_pass(const Stage& stage) {
  const auto* activation = std::get_if<Activation>(&stage);
  return activation == nullptr || has_kernel(activation->algorithm);
}

Link link_of(Planner& planner, const Stage& stage, const Walk& walk, const Desc& layout) {
  Link link{.stage = stage};
  if (const auto* binary = std::get_if<Binary>(&stage)) {
    const Operand& other = binary->other;
    if (other.value != ir::kNoValue) {
      link.buffer = other.is_per_channel ? planner.as_plain(other.value).buffer
                                         : planner.as(other.value, layout).buffer;
    } else if (other.constants.size() == 1) {
      link.table.assign(kLanes, other.constants[0]);
    } else {
      link.table = table_of(walk, other.constants, 0);
    }
  }
  if (is_per_channel(stage)) {
    if (const auto* snapping = std::get_if<Snapping>(&stage)) {
      const auto& grid = *std::get_if<numeric::AffineGrid>(&snapping->grid);
      link.scale = table_of(walk, grid.scale, 1);
      link.zero = table_of(walk, grid.zero_point, 0);
    }
  }
  return link;
}

// Stages that all have a kernel, in one pass.
void add_pass(Planner& planner, ir::NodeId node, const Placed& from, const Placed& to,
              std::span<const Stage> stages) {
  auto chain = std::make_shared<Chain>(Chain{*walk_of(to.desc), from.buffer, to.buffer, {}});
  if (!chain->walk.is_padded && std::ranges::none_of(stages, is_per_channel)) {
    chain->walk = flat_walk(static_cast<std::int64_t>(to.desc.get_size() / sizeof(float)));
  }
  std::vector<BufferId> uses{from.buffer, to.buffer};
  for (const Stage& stage : stages) {
    chain->links.push_back(link_of(planner, stage, chain->walk, to.desc));
    const auto* binary = std::get_if<Binary>(&stage);
    if (binary != nullptr && binary->other.value != ir::kNoValue) {
      uses.push_back(chain->links.back().buffer);
    }
  }
  planner.add_call(node, std::move(uses), [chain = std::move(chain)](Addresses at) -> Status {
    chain->run(at);
    return {};
  });
}

void add_primitive(Planner& planner, ir::NodeId node, const Placed& from, const Placed& to,
                   const Activation& activation) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::eltwise_forward::primitive_desc descriptor(
      {dnnl::prop_kind::forward_inference, activation.algorithm, from.desc, activation.alpha,
       activation.beta},
      attributes, engine());
  planner.add_primitive(
      node, descriptor, dnnl::eltwise_forward(descriptor),
      {{DNNL_ARG_SRC, from.buffer, from.desc}, {DNNL_ARG_DST, to.buffer, to.desc}});
}

}  // namespace

void add_chain(Planner& planner, ir::NodeId node, const Placed& from, const Placed& to,
               std::span<const Stage> stages) {
  Placed source = from;
  while (!stages.empty()) {
    const auto end = std::ranges::find_if_not(stages, runs_in_pass);
    const auto count = static_cast<std::size_t>(end - stages.begin());
    if (count > 0) {
      add_pass(planner, node, source, to, stages.first(count));
      stages = stages.subspan(count);
    } else {
      add_primitive(planner, node, source, to, *std::get_if<Activation>(&stages.front()));
      stages = stages.subspan(1);
    }
    source = to;
  }
}

bool is_walkable(const Desc& desc) {
  return walk_of(desc).has_value();
}

}  // namespace sluice::runtime::onednn
