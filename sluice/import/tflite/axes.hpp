// SPDX-License-Identifier: Apache-2.0
// Lists of dimensions of a value in the file's order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::importer::tflite {

// Each axis in [0, rank), sorted, once; Verify where one is outside [−rank, rank).
[[nodiscard]] Result<std::vector<std::int64_t>> normalized_axes(std::span<const std::int64_t> axes,
                                                                std::size_t rank);

// Whether the dimensions of a [N, H, W, C] image that are left without `axes` come in the same
// order channels-first: not so if the channels and a spatial dimension are left.
[[nodiscard]] bool keeps_order_without(const std::vector<std::int64_t>& axes);

}  // namespace sluice::importer::tflite
