// SPDX-License-Identifier: Apache-2.0
// What each kind of layer becomes: overloads beside one another by kind, in <kinds>.cpp. Each takes
// the streams of the layer's inputs, in the order of the network's node, and gives those of its
// outputs. Unsupported, in one sentence, for what the library has no module for.
#pragma once

#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/hw/layers/layer.hpp"
#include "sluice/rtl/site.hpp"

namespace sluice::rtl {

using Streams = std::vector<StreamId>;

[[nodiscard]] Result<Streams> emit(Site& site, const hw::Convolution& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::InnerProduct& of, const Streams& inputs);

[[nodiscard]] Result<Streams> emit(Site& site, const hw::Pooling& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::GlobalPooling& of, const Streams& inputs);

[[nodiscard]] Result<Streams> emit(Site& site, const hw::Elementwise& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::Join& of, const Streams& inputs);

[[nodiscard]] Result<Streams> emit(Site& site, const hw::Concat& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::Chop& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::Repeat& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::Padded& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::PixelShift& of, const Streams& inputs);
[[nodiscard]] Result<Streams> emit(Site& site, const hw::Shuffle& of, const Streams& inputs);

// The windows of what comes in as parts of `words` words each, pixel by pixel: those that `step`
// apart lie, of words `dilation` apart, with `pad_code` around the map. Word t of a window is that
// of kernel row t mod rows and kernel column t div rows.
struct WindowPlan {
  hw::Extent kernel, step, dilation;
  hw::Padding padding;
  std::int64_t words = 1;
  std::int64_t pad_code = 0;
  std::int64_t busy_cycles = 1;  // that the reader takes for a window of one channel group
};
[[nodiscard]] Result<StreamId> add_windows(Site& site, StreamId x, const hw::FeatureMap& map_in,
                                           const hw::FeatureMap& map_out, const WindowPlan& plan);

}  // namespace sluice::rtl
