// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_pool.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "sluice/exact/fast/tap_table.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

// clamp(round(Σ (x − z_x)·2^raised/count) + z_y), the quotient as the arithmetic rounds.
struct Mean {
  numeric::Rounding rounding;
  int raised;
  std::int64_t input_zero_point, zero_point;
  numeric::CodeRange codes;

  [[nodiscard]] std::int64_t code(std::int64_t sum, std::int64_t count) const {
    const std::int64_t centred = sum - count * input_zero_point;
    const std::int64_t numerator = centred * (std::int64_t{1} << std::max(raised, 0));
    const std::int64_t denominator = count * (std::int64_t{1} << std::max(-raised, 0));
    std::int64_t quotient = numerator / denominator;
    if (quotient * denominator > numerator) --quotient;  // floor
    const std::int64_t twice_rest = 2 * (numerator - quotient * denominator);
    if (rounding != numeric::Rounding::Floor && twice_rest >= denominator) {
      const bool is_down = rounding == numeric::Rounding::HalfToEven && twice_rest == denominator &&
                           quotient % 2 == 0;
      quotient += is_down ? 0 : 1;
    }
    return std::clamp(quotient + zero_point, codes.lowest, codes.highest);
  }
};

// Sums of at most 2^20 codes of 17 bits, raised by 16, stay in 53 bits, to which the definition is
// exact. Divided by 2^40·2^20, twice the rest stays in 63.
constexpr std::int64_t kMostCodes = 1 << 20;
constexpr int kMostRaised = 16;
constexpr int kMostLowered = 40;

// One a channel; none where the node is of another kind.
std::vector<Mean> means_of(const ir::Node& node, const Planner& planner) {
  const ir::ValueId x = node.inputs[0];
  const ir::ValueId y = node.outputs[0];
  if (!numeric::is_shift(planner.arithmetic(node)) || !planner.is_wide_image(x) ||
      !planner.is_wide_codes(y)) {
    return {};
  }
  const numeric::Quantization& from = *planner.graph()[x].quantization;
  const numeric::Quantization& to = *planner.graph()[y].quantization;
  for (const numeric::Quantization* codes : {&from, &to}) {
    if (codes->is_per_channel() && codes->axis != 1) return {};
  }
  const auto channels = static_cast<std::size_t>(planner.shape(x)[1]);
  std::vector<Mean> means;
  means.reserve(channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t of_x = from.is_per_channel() ? channel : 0;
    const std::size_t of_y = to.is_per_channel() ? channel : 0;
    const int raised =
        *numeric::exact_log2(from.scales[of_x]) - *numeric::exact_log2(to.scales[of_y]);
    if (raised > kMostRaised || raised < -kMostLowered) return {};
    means.push_back({numeric::shift_rounding(planner.arithmetic(node)), raised,
                     from.zero_points[of_x], to.zero_points[of_y], numeric::codes_of(to)});
  }
  return means;
}

template <class Code>
void add_codes(const std::byte* row, std::int64_t channels, std::int64_t* sums) {
  const auto* codes = reinterpret_cast<const Code*>(row);
  for (std::int64_t c = 0; c < channels; ++c) sums[c] += codes[c];
}

using AddCodes = void (*)(const std::byte* row, std::int64_t channels, std::int64_t* sums);
AddCodes adder_of(DType type) {
  if (type == DType::Int8) return add_codes<std::int8_t>;
  if (type == DType::UInt8) return add_codes<std::uint8_t>;
  return type == DType::Int16 ? add_codes<std::int16_t> : add_codes<std::uint16_t>;
}

void store(std::int64_t code, std::int64_t bytes, std::byte* to) {
  to[0] = static_cast<std::byte>(code & 0xFF);
  if (bytes == 2) to[1] = static_cast<std::byte>(code >> 8 & 0xFF);
}

struct MeanStep {
  TapTable taps;
  std::vector<Mean> means;  // one a channel
  DType from, to;
  int threads;

  // Each thread's pointers and sums, in vectors of its own: pools are few.
  void run(const std::byte* x, std::byte* y) const {
    const AddCodes add = adder_of(from);
    const std::int64_t bytes = code_bytes(to);
    const auto channels = std::ssize(means);
    runtime::for_ranges_on(
        threads, taps.num_pixels(), [&](int, std::int64_t begin, std::int64_t end) {
          std::vector<const std::byte*> rows(static_cast<std::size_t>(taps.taps()));
          std::vector<std::int64_t> sums(means.size());
          for (std::int64_t pixel = begin; pixel < end; ++pixel) {
            taps.fill(x, nullptr, pixel, pixel + 1, rows.data());
            std::ranges::fill(sums, 0);
            for (const std::byte* row : rows) {
              if (row != nullptr) add(row, channels, sums.data());
            }
            const std::int64_t count = taps.num_inside(pixel);
            std::byte* out = y + pixel * channels * bytes;
            for (std::int64_t c = 0; c < channels; ++c) {
              store(means.data()[c].code(sums.data()[c], count), bytes, out + c * bytes);
            }
          }
        });
  }
};

void add_mean_step(const ir::Node& node, const TapTable& taps, std::vector<Mean> means, Order order,
                   Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  const auto step = std::make_shared<const MeanStep>(
      MeanStep{taps, std::move(means), planner.graph().type(input).dtype,
               planner.graph().type(output).dtype, planner.threads()});
  const BufferId x = planner.read(input, Order::ChannelsLast);
  const BufferId y = planner.make(output, order);
  planner.add_step({x, y}, [=](Addresses addresses) -> Status {
    step->run(at(addresses, x), at(addresses, y));
    return {};
  });
}

}  // namespace

Result<bool> plan_wide_average(const ir::AveragePool& op, const ir::Node& node, Planner& planner) {
  std::vector<Mean> means = means_of(node, planner);
  if (means.empty() || node.outputs.size() != 1) return false;
  const Shape& shape = planner.shape(node.inputs[0]);
  SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(op, shape));
  const auto taps =
      TapTable::make(shape, window, code_bytes(planner.graph().type(node.inputs[0]).dtype));
  if (!taps || taps->taps() > kMostCodes) return false;
  for (std::int64_t pixel = 0; pixel < taps->num_pixels(); ++pixel) {
    const std::int64_t inside = taps->num_inside(pixel);
    if (inside == 0 || (op.count_include_pad && inside != taps->taps())) return false;
  }
  add_mean_step(node, *taps, std::move(means), Order::ChannelsLast, planner);
  return true;
}

bool plan_wide_mean(const ir::Node& node, Planner& planner) {
  std::vector<Mean> means = means_of(node, planner);
  if (means.empty()) return false;
  const Shape& shape = planner.shape(node.inputs[0]);
  if (shape[2] * shape[3] > kMostCodes || num_elements(shape) == 0) return false;
  const auto taps = TapTable::make(shape,
                                   {.kernel = {shape[2], shape[3]},
                                    .strides = {1, 1},
                                    .dilations = {1, 1},
                                    .pad_begin = {0, 0},
                                    .pad_end = {0, 0},
                                    .output = {1, 1}},
                                   code_bytes(planner.graph().type(node.inputs[0]).dtype));
  add_mean_step(node, *taps, std::move(means), Order::RowMajor,
                planner);  // the same bytes in either order
  return true;
}

}  // namespace sluice::exact::fast
