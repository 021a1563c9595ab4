// SPDX-License-Identifier: Apache-2.0
// Poolings over channels-last codes: vectors of channels, tap by tap.
#include "sluice/ir/ops/pool.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "sluice/exact/fast/layer_step.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/fast/reals.hpp"
#include "sluice/exact/fast/tap_table.hpp"
#include "sluice/exact/fast/wide_pool.hpp"
#include "sluice/exact/reference/sum.hpp"
#include "sluice/exact/simd/max_rows.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/reduce.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

// The mean of codes to nearest, halves away from zero, as numeric::mean_of_codes has it.
template <class Code>
void mean_of(const std::byte* const* rows, std::int64_t taps, std::int64_t channels,
             std::int32_t count, std::int32_t* sums, std::byte* out) {
  std::fill(sums, sums + channels, 0);
  for (std::int64_t t = 0; t < taps; ++t) {
    if (rows[t] == nullptr) continue;
    const auto* x = reinterpret_cast<const Code*>(rows[t]);
    for (std::int64_t c = 0; c < channels; ++c) sums[c] += x[c];
  }
  auto* y = reinterpret_cast<Code*>(out);
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int32_t half = sums[c] > 0 ? count / 2 : -(count / 2);
    y[c] = static_cast<Code>((sums[c] + half) / count);
  }
}

struct PoolStep {
  TapTable taps;
  std::int64_t channels;
  DType type;  // of a mean: Int8 or UInt8
  bool is_mean;
  int threads;

  // Each thread's pointers and sums, in vectors of its own: pools are few.
  void run(const std::byte* x, std::byte* y) const {
    const std::int64_t pixel_bytes = channels * code_bytes(type);
    const std::int64_t chunk = pixels_a_chunk(taps.taps());
    runtime::for_ranges_on(
        threads, taps.num_pixels(), [&](int, std::int64_t begin, std::int64_t end) {
          std::vector<const std::byte*> rows(
              static_cast<std::size_t>(std::min(chunk, end - begin) * taps.taps()));
          for (std::int64_t first = begin; first < end; first += chunk) {
            const std::int64_t last = std::min(first + chunk, end);
            taps.fill(x, nullptr, first, last, rows.data());
            std::byte* out = y + first * pixel_bytes;
            if (is_mean) {
              take_means(rows.data(), first, last, out);
            } else {
              max_of_rows(type, rows.data(), last - first, taps.taps(), channels,
                          {out, pixel_bytes});
            }
          }
        });
  }

 private:
  void take_means(const std::byte* const* rows, std::int64_t first, std::int64_t last,
                  std::byte* out) const {
    std::vector<std::int32_t> sums(static_cast<std::size_t>(channels));
    const auto mean = type == DType::Int8 ? mean_of<std::int8_t> : mean_of<std::uint8_t>;
    for (std::int64_t pixel = first; pixel < last; ++pixel) {
      const auto count = static_cast<std::int32_t>(taps.num_inside(pixel));
      mean(rows, taps.taps(), channels, count, sums.data(), out);
      rows += taps.taps();
      out += channels;
    }
  }
};

template <class Pool>
Result<bool> plan_pool(const Pool& op, const ir::Node& node, Planner& planner, bool is_mean) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  const bool has_type = is_mean ? planner.is_image(input) : planner.has_codes_for_numbers(node);
  if (node.outputs.size() != 1 || !has_type ||
      planner.graph()[input].quantization != planner.graph()[output].quantization) {
    return false;
  }
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, planner.shape(input)));
  const DType type = planner.graph().type(input).dtype;
  const auto taps = TapTable::make(planner.shape(input), window, code_bytes(type));
  if (!taps) return false;
  for (std::int64_t pixel = 0; pixel < taps->num_pixels(); ++pixel) {
    if (taps->num_inside(pixel) == 0) return false;  // a window all in the padding
  }
  const auto step = std::make_shared<const PoolStep>(
      PoolStep{*taps, planner.shape(input)[1], type, is_mean, planner.threads()});
  const BufferId x = planner.read(input, Order::ChannelsLast);
  const BufferId y = planner.make(output, Order::ChannelsLast);
  planner.add_step({x, y}, [=](Addresses addresses) -> Status {
    step->run(at(addresses, x), at(addresses, y));
    return {};
  });
  return true;
}

}  // namespace

Result<bool> plan_op(const ir::AveragePool& op, const ir::Node& node, Planner& planner) {
  if (numeric::is_shift(planner.arithmetic(node))) return plan_wide_average(op, node, planner);
  if (op.count_include_pad || reference::is_on_reals(planner.arithmetic(node))) return false;
  return plan_pool(op, node, planner, true);
}

Result<bool> plan_op(const ir::MaxPool& op, const ir::Node& node, Planner& planner) {
  return plan_pool(op, node, planner, false);
}

Result<bool> plan_op(const ir::GlobalAveragePool& /*op*/, const ir::Node& node, Planner& planner) {
  SL_TRY(const bool planned, plan_real_mean(node, planner));
  return planned ? planned : plan_wide_mean(node, planner);
}

namespace {

template <class Code>
void add_pixels(const std::byte* pixels, std::int64_t count, std::int64_t channels,
                std::int32_t* sums) {
  std::fill(sums, sums + channels, 0);
  const auto* x = reinterpret_cast<const Code*>(pixels);
  for (std::int64_t p = 0; p < count; ++p, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) sums[c] += x[c];
  }
}

}  // namespace

// Over height and width of images.
Result<bool> plan_op(const ir::ReduceMean& op, const ir::Node& node, Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  const Tensor* axes = node.inputs.size() > 1 ? planner.constant(node.inputs[1]) : nullptr;
  const bool is_shift = numeric::is_shift(planner.arithmetic(node));
  if (axes == nullptr || !planner.is_wide_image(input) || !planner.is_wide_codes(output)) {
    return false;
  }
  SL_TRY(const auto list, ir::integers(*axes, "axes"));
  SL_TRY(const auto reduced, ir::reduced_dims(list, op.noop_with_empty_axes, 4));
  if (reduced != std::vector<bool>{false, false, true, true}) return false;
  if (is_shift) return plan_wide_mean(node, planner);
  if (reference::is_on_reals(planner.arithmetic(node))) return plan_real_mean(node, planner);
  if (!planner.is_image(input) || !planner.is_codes(output)) return false;
  const Shape& shape = planner.shape(input);
  const std::int64_t channels = shape[1];
  const std::int64_t positions = shape[2] * shape[3];
  SL_TRY(const auto rescaler, reference::sum_rescaler(planner.view(node), positions, true));
  const bool is_signed = planner.graph().type(input).dtype == DType::Int8;
  const BufferId x = planner.read(input, Order::ChannelsLast);
  const BufferId y = planner.make(output, Order::RowMajor);  // the same bytes in either order
  const BufferId sums = planner.scratch(static_cast<std::size_t>(channels) * sizeof(std::int32_t));
  planner.add_step({x, y, sums}, [=, images = shape[0]](Addresses addresses) -> Status {
    auto* sum = reinterpret_cast<std::int32_t*>(at(addresses, sums));
    for (std::int64_t n = 0; n < images; ++n) {
      const std::byte* pixels = at(addresses, x) + n * positions * channels;
      const auto add = is_signed ? add_pixels<std::int8_t> : add_pixels<std::uint8_t>;
      add(pixels, positions, channels, sum);
      std::byte* out = at(addresses, y) + n * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        out[c] = static_cast<std::byte>(static_cast<std::uint8_t>(rescaler.code(sum[c])));
      }
    }
    return {};
  });
  return true;
}

}  // namespace sluice::exact::fast
