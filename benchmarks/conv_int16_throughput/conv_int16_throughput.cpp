// SPDX-License-Identifier: Apache-2.0
// Products per second of the convolution kernels for codes of up to 16 bits, on layers of known
// networks, one thread, beside those for 8 bits and what the machine can do.
//   conv_int16_throughput [SECONDS A LAYER [avx2]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <hwy/highway.h>
#include <string_view>
#include <vector>

#include "benchmarks/support/least_seconds.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/exact/simd/dense.hpp"
#include "sluice/exact/simd/depthwise.hpp"
#include "sluice/exact/simd/taps.hpp"
#include "sluice/exact/simd/wide_dense.hpp"
#include "sluice/exact/simd/wide_depthwise.hpp"

namespace {

using namespace sluice::exact;
using sluice::DType;
using sluice::numeric::CodeRange;
using sluice::numeric::Requantizer;
using Clock = std::chrono::steady_clock;

struct Layer {
  const char* name;
  bool is_depthwise;
  std::int64_t size, kernel, channels, out_channels;  // of a square input, stride 1
};

constexpr std::array kLayers{
    Layer{"ResNet-20 3x3x16->16 @32", false, 32, 3, 16, 16},
    Layer{"ResNet-20 3x3x32->32 @16", false, 16, 3, 32, 32},
    Layer{"ResNet-20 3x3x64->64 @8", false, 8, 3, 64, 64},
    Layer{"ResNet-50 1x1x256->64 @56", false, 56, 1, 256, 64},
    Layer{"ResNet-50 3x3x512->512 @7", false, 7, 3, 512, 512},
    Layer{"MobileNetV2 1x1x24->144 @56", false, 56, 1, 24, 144},
    Layer{"MobileNetV2 dw 3x3x144 @56", true, 56, 3, 144, 144},
};

// Codes of inputs and weights: signed, or from 0 as after a ReLU.
struct Setting {
  const char* name;
  CodeRange inputs;
  int weight_bits;
};

constexpr std::array kSettings{
    Setting{"8 x 8 bits", {-128, 127}, 8}, Setting{"16 x 16", {-32768, 32767}, 16},
    Setting{"15 x 16, ReLU", {0, 32767}, 16}, Setting{"16 x 12", {-32768, 32767}, 12},
    Setting{"12 x 12", {-2048, 2047}, 12}};

// Trained weights lie as those of a normal distribution do; the largest, of about four standard
// deviations, has all the bits.
std::int64_t random_weight(int bits, sluice::Rng& rng) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += rng.real(0, 1);
  const double most = std::ldexp(1.0, bits - 1) - 1;
  return std::llround(std::clamp(sum / 4, -1.0, 1.0) * most);
}

// The layer with random codes, "same" padding, and a pointer for each pixel and tap.
struct Problem {
  Layer shape;
  std::int64_t bytes;  // a code
  std::vector<std::byte> image, padding;
  std::vector<std::int16_t> weights;
  std::vector<std::byte> narrow_weights;
  std::vector<std::int64_t> bias;
  std::vector<const std::byte*> rows;
  Requantizer by;

  [[nodiscard]] std::int64_t pixels() const { return shape.size * shape.size; }
  [[nodiscard]] TapRows input() const { return {rows.data(), pixels(), 0}; }
  [[nodiscard]] std::int64_t depth() const {
    return shape.kernel * shape.kernel * (shape.is_depthwise ? 1 : shape.channels);
  }
  [[nodiscard]] double products() const {
    return static_cast<double>(pixels() * depth() * shape.out_channels);
  }
};

std::vector<std::byte> random_codes(std::int64_t count, CodeRange range, std::int64_t bytes,
                                    sluice::Rng& rng) {
  std::vector<std::byte> codes(static_cast<std::size_t>(count * bytes));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t code = rng.integer(range.lowest, range.highest);
    std::memcpy(codes.data() + i * bytes, &code, static_cast<std::size_t>(bytes));
  }
  return codes;
}

void fill(Problem& problem, const Layer& shape, const Setting& setting) {
  sluice::Rng rng(1);
  problem.shape = shape;
  problem.bytes = setting.weight_bits > 8 ? 2 : 1;
  problem.image =
      random_codes(shape.size * shape.size * shape.channels, setting.inputs, problem.bytes, rng);
  problem.padding.resize(static_cast<std::size_t>((shape.channels + 64) * problem.bytes));
  for (std::int64_t i = 0; i < problem.depth() * shape.out_channels; ++i) {
    const std::int64_t weight = random_weight(setting.weight_bits, rng);
    problem.weights.push_back(static_cast<std::int16_t>(weight));
    problem.narrow_weights.push_back(static_cast<std::byte>(weight & 0xFF));
  }
  problem.bias.assign(static_cast<std::size_t>(shape.out_channels), 100);
  problem.rows.resize(static_cast<std::size_t>(problem.pixels() * shape.kernel * shape.kernel));
  point_taps({.height = shape.size,
              .width = shape.size,
              .kernel_height = shape.kernel,
              .kernel_width = shape.kernel,
              .pad_top = (shape.kernel - 1) / 2,
              .pad_left = (shape.kernel - 1) / 2,
              .out_width = shape.size,
              .pixel_bytes = shape.channels * problem.bytes},
             problem.image.data(), problem.padding.data(), 0, problem.rows);
  const auto depth_bits = static_cast<int>(std::log2(static_cast<double>(problem.depth())) / 2);
  problem.by = {.arithmetic = sluice::numeric::Arithmetic::ShiftHalfEven,
                .shift = setting.weight_bits - 2 + depth_bits,
                .codes = sluice::numeric::code_range(problem.bytes == 2 ? 16 : 8, true)};
}

WideLayer wide_layer(const Problem& problem, const Setting& setting) {
  return {.taps = problem.shape.kernel * problem.shape.kernel,
          .channels = problem.shape.channels,
          .out_channels = problem.shape.out_channels,
          .input_type = problem.bytes == 2 ? DType::Int16 : DType::Int8,
          .inputs = setting.inputs,
          .weights = problem.weights,
          .bias = problem.bias};
}

// Whether the codes of a few pixels are those that the definition gives.
bool is_right(const Problem& problem, const Setting& setting, const std::vector<std::byte>& codes) {
  TapRows some = problem.input();
  some.num_pixels = std::min<std::int64_t>(some.num_pixels, 30);
  const std::int64_t channels = problem.shape.out_channels;
  std::vector<std::int64_t> acc(static_cast<std::size_t>(some.num_pixels * channels));
  plain_wide(wide_layer(problem, setting), problem.shape.is_depthwise, some,
             {acc.data(), channels});
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const std::int64_t code = sluice::numeric::requantize_wide(acc[i], problem.by);
    const std::byte* found = codes.data() + static_cast<std::int64_t>(i) * problem.bytes;
    if (std::memcmp(found, &code, static_cast<std::size_t>(problem.bytes)) != 0) return false;
  }
  return true;
}

// Billions of products a second; 0 if the codes are wrong.
template <class Run>
double rate_of(const Problem& problem, const Setting& setting, double seconds, const Run& run) {
  const std::int64_t stride = problem.shape.out_channels * problem.bytes;
  std::vector<std::byte> codes(static_cast<std::size_t>(problem.pixels() * stride));
  const double least = sluice::benchmark::least_seconds(seconds, [&] {
    run(problem.input(), {codes.data(), stride});
  });
  return is_right(problem, setting, codes) ? problem.products() / least / 1e9 : 0;
}

double measure_bytes(const Problem& problem, const Setting& setting, double seconds) {
  const std::vector<std::int32_t> bias(problem.bias.begin(), problem.bias.end());
  const ConvLayer layer{.taps = problem.shape.kernel * problem.shape.kernel,
                        .channels = problem.shape.channels,
                        .out_channels = problem.shape.out_channels,
                        .weights = problem.narrow_weights,
                        .bias = bias};
  const ConvOutput output{DType::Int8, {&problem.by, 1}};
  if (problem.shape.is_depthwise) {
    const DepthwiseConv conv(layer, output);
    return rate_of(problem, setting, seconds,
                   [&](const TapRows& input, PixelRows<std::byte> out) { conv.run(input, out); });
  }
  const DenseConv conv(layer, output);
  std::vector<std::byte> scratch(conv.scratch_bytes());
  return rate_of(problem, setting, seconds, [&](const TapRows& input, PixelRows<std::byte> out) {
    conv.run(input, out, scratch);
  });
}

double measure(const Layer& shape, const Setting& setting, double seconds) {
  Problem problem;
  fill(problem, shape, setting);
  if (problem.bytes == 1) return measure_bytes(problem, setting, seconds);
  const WideLayer layer = wide_layer(problem, setting);
  const WideOutput output{DType::Int16, {&problem.by, 1}};
  if (shape.is_depthwise) {
    const WideDepthwise conv(layer, output);
    return rate_of(problem, setting, seconds,
                   [&](const TapRows& input, PixelRows<std::byte> out) { conv.run(input, out); });
  }
  const WideDense conv(layer, output);
  std::vector<std::byte> scratch(conv.scratch_bytes());
  return rate_of(problem, setting, seconds, [&](const TapRows& input, PixelRows<std::byte> out) {
    conv.run(input, out, scratch);
  });
}

// Each register of the loop adds two products a lane of 32 bits an instruction: VPDPWSSD on 512
// bits, or VPMADDWD and VPADDD on 256.
double peak_gmac(double seconds, bool is_avx2) {
#if defined(__x86_64__)
  constexpr int kRounds = 20000;
  const bool has_vnni = __builtin_cpu_supports("avx512vnni") != 0 && !is_avx2;
  if (!has_vnni && !__builtin_cpu_supports("avx2")) return seconds * 0;
  const auto round = [&] {
    if (has_vnni) {
      __asm__ volatile(
          "vpdpwssd %%zmm0, %%zmm0, %%zmm1\n vpdpwssd %%zmm0, %%zmm0, %%zmm2\n"
          "vpdpwssd %%zmm0, %%zmm0, %%zmm3\n vpdpwssd %%zmm0, %%zmm0, %%zmm4\n"
          "vpdpwssd %%zmm0, %%zmm0, %%zmm5\n vpdpwssd %%zmm0, %%zmm0, %%zmm6\n"
          "vpdpwssd %%zmm0, %%zmm0, %%zmm7\n vpdpwssd %%zmm0, %%zmm0, %%zmm8\n" ::
              : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8");
    } else {
      __asm__ volatile(
          "vpmaddwd %%ymm0, %%ymm0, %%ymm9\n vpaddd %%ymm9, %%ymm1, %%ymm1\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm10\n vpaddd %%ymm10, %%ymm2, %%ymm2\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm11\n vpaddd %%ymm11, %%ymm3, %%ymm3\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm12\n vpaddd %%ymm12, %%ymm4, %%ymm4\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm13\n vpaddd %%ymm13, %%ymm5, %%ymm5\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm14\n vpaddd %%ymm14, %%ymm6, %%ymm6\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm15\n vpaddd %%ymm15, %%ymm7, %%ymm7\n"
          "vpmaddwd %%ymm0, %%ymm0, %%ymm9\n vpaddd %%ymm9, %%ymm8, %%ymm8\n" ::
              : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    }
  };
  const double least = sluice::benchmark::least_seconds(seconds, [&] {
    for (int i = 0; i < kRounds; ++i) round();
  });
  return kRounds * 8.0 * (has_vnni ? 32 : 16) / least / 1e9;
#else
  return seconds * 0 * static_cast<double>(is_avx2);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 0.2;
  const bool is_avx2 = argc > 2 && std::string_view(argv[2]) == "avx2";
  if (is_avx2) hwy::SetSupportedTargetsForTest(HWY_AVX2);
  fmt::print("{:<30}", "GMAC/s (share of the peak)");
  for (const Setting& setting : kSettings) fmt::print(" {:>16}", setting.name);
  fmt::print("\n");
  double peak = peak_gmac(seconds, is_avx2);
  for (const Layer& shape : kLayers) {
    fmt::print("{:<30}", shape.name);
    for (const Setting& setting : kSettings) {
      const double rate = measure(shape, setting, seconds);
      peak = std::max(peak, peak_gmac(seconds / 4, is_avx2));
      if (rate == 0) {
        fmt::print("{:>16}\n", "WRONG CODES");
        return 1;
      }
      fmt::print(" {:>8.1f} ({:>3.0f} %)", rate, 100 * rate / peak);
    }
    fmt::print("\n");
  }
  fmt::print("{:<30} {:.1f}\n", "peak", peak);
  return 0;
}
