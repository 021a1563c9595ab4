// SPDX-License-Identifier: Apache-2.0
// Streams: what the values of a network are in hardware, while its layers are made.
#pragma once

#include <optional>
#include <vector>

#include "sluice/hw/build/built.hpp"
#include "sluice/hw/build/draft.hpp"
#include "sluice/hw/build/view.hpp"

namespace sluice::hw {

// The words of a value. The host gives its words in any order: those are seen plainly.
struct ValueStream {
  Maker maker;
  FeatureMap map;  // as its maker has it
  View view;
};

class Streams {
 public:
  Streams(const ir::Graph& network, const BuildOptions& options)
      : network_(network), options_(options), streams_(network.values.size()) {}

  [[nodiscard]] const ValueStream* find(ir::ValueId value) const {
    const auto& found = streams_[static_cast<std::size_t>(value)];
    return found ? &*found : nullptr;
  }
  void set(ir::ValueId value, ValueStream stream) {
    streams_[static_cast<std::size_t>(value)] = std::move(stream);
  }
  // The value is the host's; false where its shape is no feature map's.
  bool set_host(ir::ValueId value);

  // The value's words in the order of a feature map; where only the channels are shuffled, a layer
  // is made that puts them in order. None where the order is another.
  [[nodiscard]] std::optional<FeatureMap> plain(ir::ValueId value);

  Draft& draft() { return draft_; }

 private:
  void shuffle(ir::ValueId value, std::int64_t groups);

  const ir::Graph& network_;
  const BuildOptions& options_;
  std::vector<std::optional<ValueStream>> streams_;
  Draft draft_;
};

}  // namespace sluice::hw
