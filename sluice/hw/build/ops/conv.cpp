// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/convolutions.hpp"
#include "sluice/hw/build/ops/convert.hpp"
#include "sluice/ir/pixel_shift.hpp"

namespace sluice::hw::ops {
namespace {

Refused weights_stream() {
  return {"its weights are computed while it runs", "use a network whose weights are constants"};
}

Made made(Convolution conv, const FeatureMap& map, const Site& site) {
  const ProductTypes types = site.product_types();
  conv.output = types.output;
  conv.weight = types.weight;
  conv.acc = types.acc;
  Made result{map, std::move(conv)};
  result.weights = 1;
  if (site.has(2)) result.bias = 2;
  return result;
}

}  // namespace

Verdict convert(const ir::Conv& /*op*/, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  if (site.is_stream(1) || site.is_stream(2)) return weights_stream();
  // Words that only move need no product. What the file says of a node is of its convolution.
  if (site.hints() == nullptr && ir::pixel_shift_of(site.network(), site.node())) {
    return Made{*map, PixelShift{}};
  }
  auto conv = convolution_of(site.network(), site.node(), site.hints());
  if (auto* refused = std::get_if<Refused>(&conv)) return std::move(*refused);
  return made(std::get<Convolution>(std::move(conv)), *map, site);
}

// Zeros between the words and around them, then a convolution of step 1.
Verdict convert(const ir::ConvTranspose& op, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  if (site.is_stream(1) || site.is_stream(2)) return weights_stream();
  const auto window = ir::resolve(op, site.shape(0), site.shape(1));
  if (!window) {
    return Refused{"its window does not fit its input", "export the model again"};
  }
  ir::Dims begin, end;
  for (std::size_t d = 0; d < window->kernel.size(); ++d) {
    const std::int64_t reach = window->dilations[d] * (window->kernel[d] - 1);
    begin.push_back(reach - window->pad_begin[d]);
    // What the sizes leave over, output_padding among it.
    const std::int64_t full = window->strides[d] * (site.shape(0)[d + 2] - 1) + 1;
    end.push_back(window->output[d] - full - begin[d] + reach);
    if (begin[d] < 0 || end[d] < 0) {
      return Refused{"its pads are larger than its kernel",
                     "use pads smaller than the kernel, and cut the output off elsewhere"};
    }
  }
  Convolution conv;
  conv.filters = site.shape(1)[1] * op.group;
  conv.groups = op.group;
  conv.kernel = extent_of(window->kernel);
  conv.padding = padding_of(begin, end);
  conv.has_bias = site.has(2);
  conv.spread = extent_of(window->strides);
  conv.dilation = extent_of(window->dilations);
  return made(std::move(conv), *map, site);
}

}  // namespace sluice::hw::ops
