// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/site.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/text.hpp"

namespace sluice::hw {

bool Site::is_used(std::size_t output) const {
  const ir::ValueId id = step_.outputs[output];
  return std::ranges::count(network_.outputs, id) > 0 ||
         std::ranges::any_of(network_.nodes, [&](const ir::Node& reader) {
           return std::ranges::count(reader.inputs, id) > 0;
         });
}

std::optional<FeatureMap> Site::plain(std::size_t i) {
  refused_ = i;
  return streams_.plain(step_.inputs[i]);
}

Refused Site::refusal() const {
  return {fmt::format("the words of its input {} come in another order than those of a feature map "
                      "of shape {}",
                      sluice::quoted(network_[step_.inputs[refused_]].name),
                      to_string(shape(refused_))),
          "leave out the Reshape or Transpose before it, or cut the network there"};
}

}  // namespace sluice::hw
