// SPDX-License-Identifier: Apache-2.0
// What the steps of convolutions and fully connected layers share: how they read their parameters,
// and how they go over their output pixels, in chunks, on all threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sluice/exact/fast/planner.hpp"
#include "sluice/exact/fast/tap_table.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {

// Integers that fit in 32 bits.
inline std::vector<std::int32_t> narrow(const std::vector<std::int64_t>& values) {
  std::vector<std::int32_t> result;
  result.reserve(values.size());
  for (const std::int64_t value : values) result.push_back(static_cast<std::int32_t>(value));
  return result;
}

// Those of the output channels [begin, begin + count), of parameters that have one value a channel.
template <class T>
std::span<const T> part_of(const std::vector<T>& values, std::int64_t begin, std::int64_t count) {
  if (values.size() <= 1) return values;  // one for all, or none
  return std::span(values).subspan(static_cast<std::size_t>(begin),
                                   static_cast<std::size_t>(count));
}

// Whether a Gemm's third input, if it has one, is a number a column, not one for all or one a row.
inline bool has_number_a_column(const ir::Node& node, std::int64_t columns,
                                const Planner& planner) {
  if (node.inputs.size() < 3 || node.inputs[2] == ir::kNoValue) return true;
  const Shape& shape = planner.shape(node.inputs[2]);
  return !shape.empty() && shape.back() == columns && num_elements(shape) == columns;
}

// Pixels whose pointers are written down before they are multiplied: enough for weights to be read
// seldom, few enough for the pointers to stay in cache.
inline std::int64_t pixels_a_chunk(std::int64_t taps) {
  return std::clamp<std::int64_t>(4096 / taps, 56, 448);
}

// What one thread needs: pointers, and the kernel's own memory.
struct Scratch {
  std::size_t pointer_bytes = 0;
  std::size_t kernel_bytes = 0;
  [[nodiscard]] std::size_t size_bytes() const {
    constexpr std::size_t kLine = 64;
    return (pointer_bytes + kernel_bytes + kLine - 1) / kLine * kLine;
  }
};

// A step's way over its output pixels: multiply(pointers, pixels, first pixel, memory) for every
// chunk, on all threads.
template <class Multiply>
void for_each_chunk(const TapTable& taps, const std::byte* input, const std::byte* padding,
                    int threads, const Scratch& sizes, std::byte* scratch,
                    const Multiply& multiply) {
  const std::int64_t chunk = pixels_a_chunk(taps.taps());
  runtime::for_ranges_on(
      threads, taps.num_pixels(), [&](int thread, std::int64_t begin, std::int64_t end) {
        std::byte* own = scratch + static_cast<std::size_t>(thread) * sizes.size_bytes();
        const auto** rows = reinterpret_cast<const std::byte**>(own);
        const std::span<std::byte> memory(own + sizes.pointer_bytes, sizes.kernel_bytes);
        for (std::int64_t first = begin; first < end; first += chunk) {
          const std::int64_t last = std::min(first + chunk, end);
          taps.fill(input, padding, first, last, rows);
          multiply(rows, last - first, first, memory);
        }
      });
}

inline Scratch scratch_for(const TapTable& taps, std::size_t kernel_bytes) {
  const std::int64_t pointers = pixels_a_chunk(taps.taps()) * taps.taps();
  return {static_cast<std::size_t>(pointers) * sizeof(const std::byte*), kernel_bytes};
}

// The step of a layer, which has `scratch`, of a thread, and run(input, output, scratch of all).
template <class LayerStep>
void add_layer_step(std::shared_ptr<const LayerStep> step, BufferId x, ir::ValueId result,
                    Order order, Planner& planner) {
  const BufferId y = planner.make(result, order);
  const BufferId scratch =
      planner.scratch(step->scratch.size_bytes() * static_cast<std::size_t>(step->threads));
  planner.add_step({x, y, scratch}, [=](Addresses addresses) -> Status {
    step->run(at(addresses, x), at(addresses, y), at(addresses, scratch));
    return {};
  });
}

}  // namespace sluice::exact::fast
