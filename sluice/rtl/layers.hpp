// SPDX-License-Identifier: Apache-2.0
// What each kind of layer becomes: overloads beside one another by kind, in <kinds>.cpp. Each takes
// the streams of the layer's inputs, in the order of the network's node, and gives those of its
// outputs. Unsupported, in one sentence, for what the library has no module for.
#pragma once

#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/hw/layers/windows.hpp"
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

// The windows of what comes in, part by part, pixel by pixel, with `pad_code` around the map. Word
// t of a window is that of kernel row t mod rows and kernel column t div rows.
[[nodiscard]] Result<StreamId> add_windows(Site& site, StreamId x, const hw::WindowTask& task,
                                           std::int64_t pad_code);

// What comes in, of `map`, with `fill` between its words, `by` apart.
[[nodiscard]] StreamId add_spread(Site& site, StreamId x, const hw::FeatureMap& map,
                                  const hw::Extent& by, std::int64_t fill);

}  // namespace sluice::rtl
