// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/hw/build/convolutions.hpp"
#include "sluice/hw/build/ops/convert.hpp"
#include "sluice/hw/build/slices.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::hw::ops {
namespace {

Verdict seen_as(Site& site) {
  auto view = site.view(0).reshaped(site.out_shape());
  if (view) return Dropped{std::move(view)};
  return Refused{"it cuts rows, columns or channels at places that do not divide them",
                 "leave it out, or cut the network before it"};
}

Refused moves_words(std::string_view remedy) {
  return {"it puts words into another order than they come in", std::string(remedy)};
}

Verdict chopped(Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  Chop chop;
  for (std::size_t i = 0; i < site.num_outputs(); ++i) {
    if (!site.is_used(i)) {
      return Refused{"one of its parts is read by nothing",
                     "leave out the filters that make the part"};
    }
    chop.channels.push_back(site.out_shape(i)[1]);
  }
  return Made{*map, std::move(chop)};
}

Verdict dropped_if_alike(Site& site) {
  if (site.out_shape() == site.shape(0)) return Dropped{};
  return Refused{"it repeats words", "use Resize, or operators that broadcast"};
}

struct Pads {
  ir::Dims begin, end;  // a dimension
};

std::optional<Pads> pads_of(const ir::Pad& op, const Site& site) {
  const auto list = integers_of(site.network(), site.input(1));
  const auto axes = integers_of(site.network(), site.input(3));
  if (!list || (site.has(3) && !axes)) return std::nullopt;
  const auto ranges = ir::resolve_pad(site.shape(0), op.mode, *list, axes);
  if (!ranges) return std::nullopt;
  Pads pads;
  for (std::size_t d = 0; d < ranges->size(); ++d) {
    const ir::PadRange& range = (*ranges)[d];
    if (range.crop_begin != 0 || range.kept != site.shape(0)[d]) return std::nullopt;
    pads.begin.push_back(range.begin);
    pads.end.push_back(range.end);
  }
  return pads;
}

// Whether what is put around is what stands for 0.
bool pads_with_zero(const ir::Pad& op, const Site& site) {
  if (op.mode != ir::PadMode::Constant) return false;
  if (!site.has(2)) return true;
  const auto& codes = site.network()[site.input(0)].quantization;
  const double zero = codes ? static_cast<double>(codes->zero_points[0]) : 0;
  return number_of(site.network(), site.input(2)) == zero;
}

}  // namespace

Verdict convert(const ir::Concat& op, Site& site) {
  std::vector<std::size_t> inputs;
  Concat concat;
  std::optional<FeatureMap> first;
  const auto rank = static_cast<std::int64_t>(site.out_shape().size());
  const std::int64_t axis = op.axis < 0 ? op.axis + rank : op.axis;
  if (axis != 1) {
    return Refused{"it puts tensors behind one another along another dimension than channels",
                   "concatenate channels, or cut the network before it"};
  }
  for (std::size_t i = 0; i < site.num_inputs(); ++i) {
    if (!site.is_stream(i)) {
      return Refused{"one of its operands is a constant",
                     "put the constant into the weights behind it"};
    }
    const auto map = site.plain(i);
    if (!map) return site.refusal();
    if (!first) first = map;
    concat.channels.push_back(map->channels);
    inputs.push_back(i);
  }
  if (inputs.size() == 1) return Dropped{};
  return Made{*first, std::move(concat), std::move(inputs)};
}

Verdict convert(const ir::DepthToSpace& /*op*/, Site& /*site*/) {
  return moves_words("use ConvTranspose or Resize, and train again");
}

Verdict convert(const ir::SpaceToDepth& /*op*/, Site& /*site*/) {
  return moves_words("use a convolution with a step, and train again");
}

Verdict convert(const ir::Expand& /*op*/, Site& site) {
  return dropped_if_alike(site);
}

Verdict convert(const ir::Tile& /*op*/, Site& site) {
  return dropped_if_alike(site);
}

Verdict convert(const ir::Gather& /*op*/, Site& /*site*/) {
  return moves_words("reorder the filters that make the words, or cut the network before it");
}

Verdict convert(const ir::Flatten& /*op*/, Site& site) {
  return seen_as(site);
}

Verdict convert(const ir::Reshape& /*op*/, Site& site) {
  return seen_as(site);
}

Verdict convert(const ir::Squeeze& /*op*/, Site& site) {
  return seen_as(site);
}

Verdict convert(const ir::Unsqueeze& /*op*/, Site& site) {
  return seen_as(site);
}

Verdict convert(const ir::Transpose& op, Site& site) {
  const auto permutation = ir::resolve_permutation(op.permutation, site.shape(0).size());
  if (!permutation) return Refused{"its permutation is none", "export the model again"};
  return Dropped{site.view(0).transposed(*permutation)};
}

Verdict convert(const ir::Pad& op, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  const auto pads = pads_of(op, site);
  if (!pads || !pads_with_zero(op, site) || pads->begin[0] != 0 || pads->end[0] != 0) {
    return Refused{"it puts something else than zeros around its input, or cuts it",
                   "pad with zeros"};
  }
  Padded padded;
  if (pads->begin.size() > 1) {
    padded.channels_before = pads->begin[1];
    padded.channels_after = pads->end[1];
  }
  if (pads->begin.size() > 2) {
    padded.padding = padding_of({pads->begin.begin() + 2, pads->begin.end()},
                                {pads->end.begin() + 2, pads->end.end()});
  }
  if (site.out_shape() == site.shape(0)) return Dropped{};
  return Made{*map, padded};
}

// Every so many rows and columns: a pooling of windows of one word.
Verdict convert(const ir::Slice& /*op*/, Site& site) {
  if (site.out_shape() == site.shape(0)) return Dropped{};
  const auto ranges = ranges_of(site.network(), site.node());
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  ir::Dims steps;
  bool skips_only = ranges.has_value();
  for (std::size_t d = 0; skips_only && d < ranges->size(); ++d) {
    const ir::SliceRange& range = (*ranges)[d];
    const std::int64_t all = site.shape(0)[d];
    skips_only = range.begin == 0 && range.step > 0 && (d > 1 || range.step == 1) &&
                 range.size == (all + range.step - 1) / range.step;
    if (d > 1) steps.push_back(range.step);
  }
  if (!skips_only || steps.empty()) {
    return Refused{"it cuts off rows, columns or some of the channels",
                   "let the layer before it make only what is used"};
  }
  return Made{*map, Pooling{Reduction::Max, {}, extent_of(steps), {}}};
}

Verdict convert(const ir::Split& op, Site& site) {
  const auto rank = static_cast<std::int64_t>(site.shape(0).size());
  if ((op.axis < 0 ? op.axis + rank : op.axis) != 1) {
    return Refused{"it parts another dimension than channels",
                   "part the channels, or cut the network before it"};
  }
  return chopped(site);
}

Verdict convert_parts(Site& site) {
  return chopped(site);
}

}  // namespace sluice::hw::ops
