// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/chain.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sluice/numeric/snap_simd.hpp"
#include "sluice/runtime/onednn/chain_kernels.hpp"
#include "sluice/runtime/onednn/parallel.hpp"

namespace sluice::runtime::onednn {
namespace {

constexpr std::int64_t kTileElements = 2048;  // 8 KiB: with an operand beside it well within L1

std::size_t index(BufferId id) {
  return static_cast<std::size_t>(id);
}

// How a layout falls into runs of consecutive elements that belong to one channel, or to `period`
// consecutive ones in turn.
struct Walk {
  std::int64_t runs = 1;
  std::int64_t length = 1;          // elements a run; the last of a row may be shorter
  std::int64_t groups = 1;          // run r is of channel group r mod groups
  std::int64_t row = 1;             // elements of `groups` runs together
  std::int64_t runs_per_image = 1;  // for operands that have an image dimension
  std::int64_t period = 1;          // channels a group: 1, or a block's
  std::int64_t channels = 1;        // real ones; the rest of the last group is padding
  bool is_padded = false;

  std::int64_t begin(std::int64_t run) const { return run / groups * row + run % groups * length; }
  std::int64_t size(std::int64_t run) const {
    return std::min(length, row - run % groups * length);
  }
};

// One run for all: where channels do not matter.
Walk flat_walk(std::int64_t size) {
  return {.length = size, .row = size};
}

std::optional<Walk> walk_of(const Desc& desc) {
  const Dims dims = desc.dims();
  if (dims.size() < 2) return flat_walk(num_elements(dims));
  const std::int64_t images = dims[0];
  const std::int64_t channels = dims[1];
  const std::int64_t spatial = num_elements(std::span(dims).subspan(2));
  if (desc.data.format_kind != dnnl_blocked) return std::nullopt;
  const auto& blocking = desc.data.format_desc.blocking;
  for (const std::int64_t block : {16, 8}) {
    if (blocking.inner_nblks != 1 || blocking.inner_idxs[0] != 1) break;
    if (blocking.inner_blks[0] != block || dims.size() < 3) continue;
    const std::int64_t groups = (channels + block - 1) / block;
    const std::int64_t length = spatial * block;
    if (desc.get_size() != static_cast<std::size_t>(images * groups * length) * sizeof(float) ||
        blocking.strides[1] != length || (images > 1 && blocking.strides[0] != groups * length) ||
        blocking.strides[dims.size() - 1] != block) {
      continue;
    }
    return Walk{.runs = images * groups,
                .length = length,
                .groups = groups,
                .row = groups * length,
                .runs_per_image = groups,
                .period = block,
                .channels = channels,
                .is_padded = channels % block != 0};
  }
  if (is_plain(desc) && spatial > 1) {
    return Walk{.runs = images * channels,
                .length = spatial,
                .groups = channels,
                .row = channels * spatial,
                .runs_per_image = channels,
                .channels = channels};
  }
  // Channels innermost: [N, C] plain, or [N, C, …] as N, …, C.
  Dims strides(dims.size(), 1);
  strides[0] = channels * spatial;
  for (std::size_t i = dims.size(), next = static_cast<std::size_t>(channels); i-- > 2;) {
    strides[i] = static_cast<std::int64_t>(next);
    next *= static_cast<std::size_t>(dims[i]);
  }
  if (!is_plain(desc) && desc != strided_desc(dims, strides)) return std::nullopt;
  const std::int64_t block = static_cast<std::int64_t>(kLanes);
  const std::int64_t groups = (channels + block - 1) / block;
  return Walk{.runs = images * spatial * groups,
              .length = std::min(block, channels),
              .groups = groups,
              .row = channels,
              .runs_per_image = spatial * groups,
              .period = block,
              .channels = channels};
}

// One value a channel as kLanes values a group; padding and what repeats gets `pad`.
std::vector<float> lane_table(const Walk& walk, std::span<const float> per_channel, float pad) {
  std::vector<float> table(static_cast<std::size_t>(walk.groups) * kLanes);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto group = static_cast<std::int64_t>(i / kLanes);
    const std::int64_t channel =
        group * walk.period + static_cast<std::int64_t>(i % kLanes) % walk.period;
    table[i] = channel < walk.channels ? per_channel[static_cast<std::size_t>(channel)] : pad;
  }
  return table;
}

// A stage made ready for one layout.
struct Link {
  Stage stage;
  std::vector<float> lanes;        // binary with constants: kLanes values, or so many a group
  std::vector<float> scale, zero;  // snapping per channel: kLanes values a group
  BufferId buffer{};               // binary with a value
};

struct Chain {
  Walk walk;
  BufferId from, to;
  std::vector<Link> links;

  void run(Addresses at) const {
    const std::int64_t tiles = (walk.length + kTileElements - 1) / kTileElements;
    for_ranges(walk.runs * tiles, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) run_tile(at, i / tiles, i % tiles);
    });
  }

  void run_tile(Addresses at, std::int64_t run, std::int64_t tile) const {
    const std::int64_t first = tile * kTileElements;
    const std::int64_t size = std::min(kTileElements, walk.size(run) - first);
    if (size <= 0) return;
    const std::int64_t offset = walk.begin(run) + first;
    const std::span<float> data(reinterpret_cast<float*>(at[index(to)]) + offset,
                                static_cast<std::size_t>(size));
    if (from != to) {
      std::memcpy(data.data(), reinterpret_cast<const float*>(at[index(from)]) + offset,
                  data.size_bytes());
    }
    for (const Link& link : links) {
      std::visit([&](const auto& stage) { apply(stage, link, at, run, offset, data); }, link.stage);
    }
    if (walk.is_padded && run % walk.groups == walk.groups - 1) clear_padding(data);
  }

  void apply(const Activation& activation, const Link& /*link*/, Addresses /*at*/,
             std::int64_t /*run*/, std::int64_t /*offset*/, std::span<float> data) const {
    apply_activation(activation, data.data(), data.size());
  }

  void apply(const Binary& binary, const Link& link, Addresses at, std::int64_t run,
             std::int64_t offset, std::span<float> data) const {
    if (binary.other.value == ir::kNoValue) {
      const std::size_t group = link.lanes.size() == kLanes ? 0 : group_of(run);
      apply_binary(binary.function, data.data(), link.lanes.data() + group * kLanes, true,
                   data.size());
      return;
    }
    const auto* other = reinterpret_cast<const float*>(at[index(link.buffer)]);
    if (!binary.other.is_per_channel) {
      apply_binary(binary.function, data.data(), other + offset, false, data.size());
      return;
    }
    std::array<float, kLanes> lanes{};
    other += run / walk.runs_per_image * walk.channels;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::int64_t channel = static_cast<std::int64_t>(group_of(run)) * walk.period +
                                   static_cast<std::int64_t>(i) % walk.period;
      lanes[i] = other[std::min(channel, walk.channels - 1)];
    }
    apply_binary(binary.function, data.data(), lanes.data(), true, data.size());
  }

  void apply(const Snapping& snapping, const Link& link, Addresses /*at*/, std::int64_t run,
             std::int64_t /*offset*/, std::span<float> data) const {
    if (link.scale.empty()) return numeric::snap_elements(snapping.grid, data);
    const auto& grid = *std::get_if<numeric::AffineGrid>(&snapping.grid);
    if (walk.period == 1) {
      return numeric::snap_channel(grid, static_cast<std::int64_t>(group_of(run)), data);
    }
    const std::size_t period = std::min(static_cast<std::size_t>(walk.period), data.size());
    const std::size_t at_group = group_of(run) * kLanes;
    numeric::snap_channels_last(grid.bits, std::span(link.scale).subspan(at_group, period),
                                std::span(link.zero).subspan(at_group, period), data);
  }

  std::size_t group_of(std::int64_t run) const {
    return static_cast<std::size_t>(run % walk.groups);
  }

  void clear_padding(std::span<float> data) const {
    const auto period = static_cast<std::size_t>(walk.period);
    const auto real = static_cast<std::size_t>(walk.channels % walk.period);
    for (std::size_t i = 0; i < data.size(); i += period) {
      std::fill_n(data.begin() + static_cast<std::ptrdiff_t>(i + real), period - real, 0.0F);
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
      link.lanes.assign(kLanes, other.constants[0]);
    } else {
      link.lanes = lane_table(walk, other.constants, 0);
    }
  }
  if (is_per_channel(stage)) {
    if (const auto* snapping = std::get_if<Snapping>(&stage)) {
      const auto& grid = *std::get_if<numeric::AffineGrid>(&snapping->grid);
      link.scale = lane_table(walk, grid.scale, 1);
      link.zero = lane_table(walk, grid.zero_point, 0);
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
