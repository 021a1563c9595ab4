// SPDX-License-Identifier: Apache-2.0
// Products per second of the exact convolution kernels on layers of known networks, one thread,
// beside what the machine can do.
//   conv_int8_throughput [SECONDS A LAYER [PART OF A LAYER'S NAME]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "benchmarks/support/least_seconds.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/exact/simd/dense.hpp"
#include "sluice/exact/simd/depthwise.hpp"
#include "sluice/exact/simd/plain.hpp"
#include "sluice/exact/simd/taps.hpp"

namespace {

using namespace sluice::exact;
using sluice::DType;
using sluice::numeric::Arithmetic;
using Clock = std::chrono::steady_clock;

struct Layer {
  const char* name;
  bool is_depthwise;
  std::int64_t size, kernel, stride, channels, out_channels;  // of a square input
};

constexpr std::array kLayers{
    Layer{"ResNet-50 3x3x64->64 @56", false, 56, 3, 1, 64, 64},
    Layer{"ResNet-50 1x1x256->64 @56", false, 56, 1, 1, 256, 64},
    Layer{"ResNet-50 1x1x1024->256 @14", false, 14, 1, 1, 1024, 256},
    Layer{"ResNet-50 3x3x512->512 @7", false, 7, 3, 1, 512, 512},
    Layer{"ResNet-50 7x7x3->64 @224/2", false, 224, 7, 2, 3, 64},
    Layer{"MobileNetV2 3x3x3->32 @224/2", false, 224, 3, 2, 3, 32},
    Layer{"MobileNetV2 1x1x96->24 @56", false, 56, 1, 1, 96, 24},
    Layer{"MobileNetV2 1x1x24->144 @56", false, 56, 1, 1, 24, 144},
    Layer{"MobileNetV2 1x1x320->1280 @7", false, 7, 1, 1, 320, 1280},
    Layer{"MobileNetV2 fc 1280->1000", false, 1, 1, 1, 1280, 1000},
    Layer{"MobileNetV2 dw 3x3x96 @112/2", true, 112, 3, 2, 96, 96},
    Layer{"MobileNetV2 dw 3x3x144 @56", true, 56, 3, 1, 144, 144},
    Layer{"MobileNetV2 dw 3x3x960 @7", true, 7, 3, 1, 960, 960},
    Layer{"EfficientNet dw 5x5x240 @28", true, 28, 5, 1, 240, 240},
};

struct Setting {
  const char* name;
  DType type;
  Arithmetic arithmetic;
};

constexpr std::array kSettings{
    Setting{"int8 tflite-double", DType::Int8, Arithmetic::TfliteDouble},
    Setting{"int8 xnnpack", DType::Int8, Arithmetic::Xnnpack},
    Setting{"uint8 tflite-single", DType::UInt8, Arithmetic::TfliteSingle},
    Setting{"uint8 onnxruntime", DType::UInt8, Arithmetic::OnnxRuntime}};

// The layer with random codes, "same" padding, and a pointer for each pixel and tap.
struct Problem {
  Layer shape;
  std::int64_t pixels;
  std::vector<std::byte> image, padding, weights;
  std::vector<std::int32_t> bias;
  std::vector<const std::byte*> rows;
  std::vector<sluice::numeric::Requantizer> by;
  ConvLayer layer;
  ConvOutput output;

  [[nodiscard]] TapRows input() const { return {rows.data(), pixels}; }
  [[nodiscard]] double products() const {
    const std::int64_t depth = layer.taps * (shape.is_depthwise ? 1 : layer.channels);
    return static_cast<double>(pixels * depth * layer.out_channels);
  }
};

std::vector<std::byte> random_codes(std::int64_t count, sluice::Rng& rng) {
  std::vector<std::byte> codes(static_cast<std::size_t>(count));
  for (std::byte& code : codes) code = std::byte(rng.below(256));
  return codes;
}

void fill(Problem& problem, const Layer& shape, const Setting& setting) {
  sluice::Rng rng(1);
  const std::int64_t out_size = (shape.size + shape.stride - 1) / shape.stride;
  const std::int64_t depth =
      shape.kernel * shape.kernel * (shape.is_depthwise ? 1 : shape.channels);
  problem.shape = shape;
  problem.pixels = out_size * out_size;
  problem.image = random_codes(shape.size * shape.size * shape.channels, rng);
  problem.padding.assign(static_cast<std::size_t>(shape.channels), std::byte{3});
  problem.weights = random_codes(depth * shape.out_channels, rng);
  problem.bias.assign(static_cast<std::size_t>(shape.out_channels), 100);
  problem.rows.resize(static_cast<std::size_t>(problem.pixels * shape.kernel * shape.kernel));
  point_taps({.height = shape.size,
              .width = shape.size,
              .kernel_height = shape.kernel,
              .kernel_width = shape.kernel,
              .stride_height = shape.stride,
              .stride_width = shape.stride,
              .pad_top = (shape.kernel - 1) / 2,
              .pad_left = (shape.kernel - 1) / 2,
              .out_width = out_size,
              .pixel_bytes = shape.channels},
             problem.image.data(), problem.padding.data(), 0, problem.rows);
  const auto codes = sluice::numeric::code_range(8, setting.type == DType::Int8);
  for (std::int64_t m = 0; m < shape.out_channels; ++m) {
    const auto factor = static_cast<float>(0.02 / static_cast<double>(depth) * rng.real(1, 2));
    problem.by.push_back(
        *sluice::numeric::make_requantizer(setting.arithmetic, {.weight = factor},
                                           static_cast<std::int32_t>(codes.lowest) + 128, codes));
  }
  problem.layer = {.taps = shape.kernel * shape.kernel,
                   .channels = shape.channels,
                   .out_channels = shape.out_channels,
                   .input_type = setting.type,
                   .input_zero_point = 3,
                   .weights = problem.weights,
                   .bias = problem.bias};
  problem.output = {setting.type, problem.by};
}

// Each zmm register of the loop adds 64 products an instruction.
double peak_gmac(double seconds) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) {
    constexpr int kRounds = 20000;
    double best = 0;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    do {
      const auto start = Clock::now();
      for (int i = 0; i < kRounds; ++i) {
        __asm__ volatile(
            "vpdpbusd %%zmm0, %%zmm0, %%zmm1\n vpdpbusd %%zmm0, %%zmm0, %%zmm2\n"
            "vpdpbusd %%zmm0, %%zmm0, %%zmm3\n vpdpbusd %%zmm0, %%zmm0, %%zmm4\n"
            "vpdpbusd %%zmm0, %%zmm0, %%zmm5\n vpdpbusd %%zmm0, %%zmm0, %%zmm6\n"
            "vpdpbusd %%zmm0, %%zmm0, %%zmm7\n vpdpbusd %%zmm0, %%zmm0, %%zmm8\n" ::
                : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8");
      }
      const std::chrono::duration<double> taken = Clock::now() - start;
      best = std::max(best, kRounds * 8.0 * 64 / taken.count() / 1e9);
    } while (Clock::now() < end);
    return best;
  }
#endif
  return seconds * 0;
}

// Whether run(input, out) gives the codes of a few pixels that the definition gives.
template <class Run>
bool is_right(const Problem& problem, const Run& run) {
  const std::int64_t channels = problem.shape.out_channels;
  TapRows some = problem.input();
  some.num_pixels = std::min<std::int64_t>(some.num_pixels, 30);
  std::vector<std::int32_t> acc(static_cast<std::size_t>(some.num_pixels * channels));
  std::vector<std::byte> expected(acc.size());
  std::vector<std::byte> codes(acc.size());
  const auto plain = problem.shape.is_depthwise ? plain_depthwise : plain_dense;
  plain(problem.layer, some, {acc.data(), channels});
  plain_requantize(problem.output, some.num_pixels, channels, {acc.data(), channels},
                   {expected.data(), channels});
  run(some, {codes.data(), channels});
  return codes == expected;
}

// Billions of products a second; 0 if the codes are wrong.
template <class Run>
double rate_of(const Problem& problem, double seconds, const Run& run) {
  if (!is_right(problem, run)) return 0;
  const std::int64_t channels = problem.shape.out_channels;
  std::vector<std::byte> codes(static_cast<std::size_t>(problem.pixels * channels));
  const double least = sluice::benchmark::least_seconds(seconds, [&] {
    run(problem.input(), {codes.data(), channels});
  });
  return problem.products() / least / 1e9;
}

double measure(const Layer& shape, const Setting& setting, double seconds) {
  Problem problem;
  fill(problem, shape, setting);
  if (shape.is_depthwise) {
    const DepthwiseConv conv(problem.layer, problem.output);
    return rate_of(problem, seconds,
                   [&](const TapRows& input, PixelRows<std::byte> out) { conv.run(input, out); });
  }
  const DenseConv conv(problem.layer, problem.output);
  std::vector<std::byte> scratch(conv.scratch_bytes());
  return rate_of(problem, seconds, [&](const TapRows& input, PixelRows<std::byte> out) {
    conv.run(input, out, scratch);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 0.2;
  fmt::print("{:<30}", "GMAC/s (share of the peak)");
  for (const Setting& setting : kSettings) fmt::print(" {:>20}", setting.name);
  fmt::print("\n");
  double peak = peak_gmac(seconds);
  for (const Layer& shape : kLayers) {
    if (argc > 2 && std::string_view(shape.name).find(argv[2]) == std::string_view::npos) continue;
    fmt::print("{:<30}", shape.name);
    for (const Setting& setting : kSettings) {
      const double rate = measure(shape, setting, seconds);
      peak = std::max(peak, peak_gmac(seconds / 4));
      if (rate == 0) {
        fmt::print("{:>20}\n", "WRONG CODES");
        return 1;
      }
      fmt::print(" {:>12.1f} ({:>3.0f} %)", rate, 100 * rate / peak);
    }
    fmt::print("\n");
  }
  fmt::print("{:<30} {:.1f}\n", "peak", peak);
  return 0;
}
