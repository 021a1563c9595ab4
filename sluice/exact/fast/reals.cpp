// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/reals.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sluice/exact/fast/layer_step.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/simd/dense.hpp"
#include "sluice/exact/simd/quantize_reals.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/parallel.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;

constexpr int kNumCodes = 256;

bool takes_halves_to_even(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::Onnx || arithmetic == Arithmetic::OnnxRuntime ||
         arithmetic == Arithmetic::ShiftHalfEven;
}

bool is_real(ir::ValueId id, const Planner& planner) {
  return !planner.graph()[id].quantization && planner.graph().type(id).dtype == DType::Float32;
}

RealQuantizer quantizer_of(const numeric::Quantization& to, std::size_t channel = 0) {
  const numeric::CodeRange codes = numeric::codes_of(to);
  const std::int64_t zero_point = to.zero_points[channel];
  return {.scale = to.scales[channel],
          .zero_point = static_cast<float>(zero_point),
          .lowest = static_cast<float>(codes.lowest - zero_point),
          .highest = static_cast<float>(codes.highest - zero_point),
          .is_signed = to.dtype == DType::Int8};
}

// To codes of 8 bits with a scale a channel: elements lie in planes of one scale, one after
// another.
struct PlaneQuantizer {
  std::vector<RealQuantizer> channels;
  std::int64_t plane;  // elements

  // Elements [begin, end).
  void run(const float* from, std::byte* to, std::int64_t begin, std::int64_t end) const {
    while (begin < end) {
      const std::int64_t index = begin / plane;
      const std::int64_t stop = std::min(end, (index + 1) * plane);
      const auto channel = static_cast<std::size_t>(index) % channels.size();
      quantize_reals(channels[channel], from + begin, to + begin, stop - begin);
      begin = stop;
    }
  }
};

// Nothing where the codes are others.
std::optional<PlaneQuantizer> plane_quantizer(ir::ValueId output, const Planner& planner) {
  const auto& to = planner.graph()[output].quantization;
  if (!to || num_bits(to->dtype) != 8) return std::nullopt;
  PlaneQuantizer result;
  result.channels.reserve(to->scales.size());
  for (std::size_t c = 0; c < to->scales.size(); ++c)
    result.channels.push_back(quantizer_of(*to, c));
  const Shape& shape = planner.shape(output);
  result.plane = to->is_per_channel() ? strides_of(shape)[static_cast<std::size_t>(to->axis)]
                                      : num_elements(shape);
  return result;
}

// What each code, as an unsigned byte, stands for.
using RealTable = std::array<float, kNumCodes>;
std::shared_ptr<const RealTable> reals_of(const numeric::Quantization& from) {
  RealTable table{};
  for (int code = 0; code < kNumCodes; ++code) {
    const int value = from.dtype == DType::Int8 ? static_cast<std::int8_t>(code) : code;
    table[static_cast<std::size_t>(code)] =
        from.scales[0] * static_cast<float>(value - from.zero_points[0]);
  }
  return std::make_shared<const RealTable>(table);
}

// A step that makes the elements of the node's output of those of its input:
// map(from, to, first element, the one behind the last).
template <class From, class To, class Map>
void add_map(const ir::Node& node, Planner& planner, const Map& map) {
  const std::int64_t count = num_elements(planner.shape(node.inputs[0]));
  const BufferId x = planner.read(node.inputs[0], Order::RowMajor);
  const BufferId y = planner.make(node.outputs[0], Order::RowMajor);
  planner.add_step({x, y}, [=, threads = planner.threads()](Addresses addresses) -> Status {
    const auto* from = reinterpret_cast<const From*>(at(addresses, x));
    auto* to = reinterpret_cast<To*>(at(addresses, y));
    runtime::for_ranges_on(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
      map(from, to, begin, end);
    });
    return {};
  });
}

// [K, M] as [M, K].
std::vector<std::byte> transposed(std::span<const std::byte> weights, std::int64_t rows,
                                  std::int64_t columns) {
  std::vector<std::byte> result(weights.size());
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      result.data()[c * rows + r] = weights.data()[r * columns + c];
    }
  }
  return result;
}

// What an accumulator of each column is multiplied by: in float32 throughout, or in float64.
struct Scales {
  bool in_float32;
  float input;
  std::vector<float> weights;  // one a column

  [[nodiscard]] float real(std::int32_t sum, std::size_t column) const {
    if (in_float32) return static_cast<float>(sum) * (input * weights[column]);
    return static_cast<float>(sum * (double{input} * weights[column]));
  }
};

struct RealGemm {
  DenseConv kernel;
  Scales scales;
  std::int64_t depth;
};

// Whether weights and bias are constants that the kernel knows.
bool has_known_weights(const ir::Gemm& op, const ir::Node& node, const Planner& planner) {
  const Tensor* weights = planner.constant(node.inputs[1]);
  const auto& quantization = planner.graph()[node.inputs[1]].quantization;
  if (op.alpha != 1 || op.beta != 1 || op.trans_a || weights == nullptr || !quantization ||
      num_bits(quantization->dtype) != 8 ||
      (quantization->is_per_channel() && quantization->axis != (op.trans_b ? 0 : 1))) {
    return false;
  }
  if (node.inputs.size() < 3 || node.inputs[2] == ir::kNoValue) return true;
  const Tensor* bias = planner.constant(node.inputs[2]);
  return bias != nullptr && planner.graph()[node.inputs[2]].quantization.has_value() &&
         bias->dtype() == DType::Int32 &&
         has_number_a_column(node, weights->shape()[op.trans_b ? 0 : 1], planner);
}

}  // namespace

Result<bool> plan_op(const ir::Identity& /*op*/, const ir::Node& node, Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  const auto quantizer = plane_quantizer(output, planner);
  if (is_real(input, planner) && quantizer && takes_halves_to_even(planner.arithmetic(node))) {
    add_map<float, std::byte>(
        node, planner,
        [by = *quantizer](const float* from, std::byte* to, std::int64_t begin, std::int64_t end) {
          by.run(from, to, begin, end);
        });
    return true;
  }
  if (planner.is_codes(input) && is_real(output, planner)) {
    const auto table = reals_of(*planner.graph()[input].quantization);
    add_map<std::uint8_t, float>(
        node, planner,
        [=](const std::uint8_t* from, float* to, std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) to[i] = (*table)[from[i]];
        });
    return true;
  }
  return false;
}

Result<bool> plan_real_gemm(const ir::Gemm& op, const ir::Node& node, Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  if (node.accumulator || !planner.is_codes(input) || !is_real(output, planner) ||
      numeric::is_shift(planner.arithmetic(node)) || !has_known_weights(op, node, planner)) {
    return false;
  }
  const Tensor& weights = *planner.constant(node.inputs[1]);
  const numeric::Quantization& of_weights = *planner.graph()[node.inputs[1]].quantization;
  const numeric::Quantization& of_input = *planner.graph()[input].quantization;
  const std::int64_t columns = weights.shape()[op.trans_b ? 0 : 1];
  const std::int64_t depth = weights.shape()[op.trans_b ? 1 : 0];
  const std::vector<std::byte> rows =
      op.trans_b ? std::vector<std::byte>(weights.bytes().begin(), weights.bytes().end())
                 : transposed(weights.bytes(), depth, columns);
  const std::vector<std::int32_t> zero_points = narrow(of_weights.zero_points);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  const ConvLayer layer{.channels = depth,
                        .out_channels = columns,
                        .input_type = of_input.dtype,
                        .weight_type = of_weights.dtype,
                        .input_zero_point = static_cast<std::int32_t>(of_input.zero_points[0]),
                        .weights = rows,
                        .weight_zero_points = zero_points,
                        .bias = has_bias ? planner.constant(node.inputs[2])->data<std::int32_t>()
                                         : std::span<const std::int32_t>()};
  if (largest_accumulator(layer, false) >= std::int64_t{1} << 31) return false;
  Scales scales{planner.arithmetic(node) == Arithmetic::OnnxRuntime ||
                    planner.arithmetic(node) == Arithmetic::Xnnpack,
                of_input.scales[0], of_weights.scales};
  if (!of_weights.is_per_channel()) {
    scales.weights.resize(static_cast<std::size_t>(columns), of_weights.scales[0]);
  }
  const auto gemm =
      std::make_shared<const RealGemm>(RealGemm{DenseConv(layer), std::move(scales), depth});
  const std::int64_t images = planner.shape(input)[0];
  const BufferId x = planner.read(input, Order::RowMajor);
  const BufferId y = planner.make(output, Order::RowMajor);
  const BufferId sums =
      planner.scratch(static_cast<std::size_t>(images * columns) * sizeof(std::int32_t));
  const BufferId own = planner.scratch(gemm->kernel.scratch_bytes());
  planner.add_step({x, y, sums, own}, [=](Addresses addresses) -> Status {
    std::vector<const std::byte*> pixels;
    pixels.reserve(static_cast<std::size_t>(images));
    for (std::int64_t n = 0; n < images; ++n) {
      pixels.push_back(at(addresses, x) + n * gemm->depth);
    }
    auto* acc = reinterpret_cast<std::int32_t*>(at(addresses, sums));
    gemm->kernel.accumulate({pixels.data(), images, 0}, {acc, columns},
                            {at(addresses, own), gemm->kernel.scratch_bytes()});
    auto* reals = reinterpret_cast<float*>(at(addresses, y));
    for (std::int64_t i = 0; i < images * columns; ++i) {
      reals[i] = gemm->scales.real(acc[i], static_cast<std::size_t>(i % columns));
    }
    return {};
  });
  return true;
}

Result<bool> plan_real_mean(const ir::Node& node, Planner& planner) {
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  const Arithmetic arithmetic = planner.arithmetic(node);
  if ((arithmetic != Arithmetic::Onnx && arithmetic != Arithmetic::OnnxRuntime) ||
      !planner.is_image(input) || !planner.is_codes(output)) {
    return false;
  }
  const Shape& shape = planner.shape(input);
  const std::int64_t channels = shape[1];
  const std::int64_t positions = shape[2] * shape[3];
  // 2^20 numbers of 24 bits, multiples of at least 2^-24 of the scale, add up to 53 bits at most:
  // their sum is exact, in whatever order.
  constexpr std::int64_t kMostPositions = 1 << 20;
  if (positions > kMostPositions) return false;
  const numeric::Quantization& from = *planner.graph()[input].quantization;
  const RealQuantizer quantizer = quantizer_of(*planner.graph()[output].quantization);
  const auto table = reals_of(from);
  const BufferId x = planner.read(input, Order::ChannelsLast);
  const BufferId y = planner.make(output, Order::RowMajor);  // the same bytes in either order
  const BufferId scratch = planner.scratch(static_cast<std::size_t>(channels) * sizeof(double));
  planner.add_step({x, y, scratch}, [=, images = shape[0]](Addresses addresses) -> Status {
    auto* sums = reinterpret_cast<double*>(at(addresses, scratch));
    const auto* codes = reinterpret_cast<const std::uint8_t*>(at(addresses, x));
    auto* out = reinterpret_cast<std::uint8_t*>(at(addresses, y));
    for (std::int64_t n = 0; n < images; ++n, out += channels) {
      std::fill(sums, sums + channels, 0.0);
      for (std::int64_t p = 0; p < positions; ++p, codes += channels) {
        for (std::int64_t c = 0; c < channels; ++c) sums[c] += double{(*table)[codes[c]]};
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        out[c] = quantizer.code(static_cast<float>(sums[c] / static_cast<double>(positions)));
      }
    }
    return {};
  });
  return true;
}

}  // namespace sluice::exact::fast
