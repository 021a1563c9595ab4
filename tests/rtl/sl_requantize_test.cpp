// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/rtl/line.hpp"
#include "sluice/rtl/scaler.hpp"

namespace sluice::test {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using rtl::Scaler;

// A module's parameters with what its file holds.
struct RequantizeBank {
  std::size_t x_width = 24;
  bool x_signed = true;
  std::size_t y_width = 8, lanes = 1;
  std::size_t multiplier_width = 16, offset_width = 32, product_width = 41;
  bool has_negative = false;
  std::size_t tie_width = 0;
  int tie_parity = 0;
  int shift = 16;
  CodeRange codes{-128, 127};
  std::vector<Scaler> channels;

  [[nodiscard]] std::string parameters(const std::string& file) const {
    return fmt::format(
        ".XWidth({}), .XSigned(1'b{:d}), .YWidth({}), .Lanes({}), .Depth({}), "
        ".MultiplierWidth({}), .OffsetWidth({}), .HasNegative(1'b{:d}), .TieWidth({}), "
        ".TieParity(1'b{}), .ProductWidth({}), "
        ".Shift({}), .Lowest({}), .Highest({}), .File(\"{}\")",
        x_width, x_signed, y_width, lanes, channels.size() / lanes, multiplier_width, offset_width,
        has_negative, tie_width, tie_parity, product_width, shift, codes.lowest, codes.highest,
        file);
  }

  [[nodiscard]] RtlWords file() const {
    const std::size_t entry = multiplier_width + (has_negative ? 2 : 1) * offset_width + tie_width;
    std::vector<std::int64_t> bits;  // a field each, since entries are wider than 64 bits
    const auto push = [&](std::int64_t value, std::size_t width) {
      for (std::size_t i = 0; i < width; ++i) bits.push_back((value >> i) & 1);
    };
    for (const Scaler& channel : channels) {
      push(channel.multiplier, multiplier_width);
      push(channel.offset, offset_width);
      if (has_negative) push(channel.negative_offset, offset_width);
      push(channel.tie_window, tie_width);
    }
    return rtl_words(bits, 1, lanes * entry);
  }
};

void add_requantize(RtlBench& bench, const std::string& name, const RequantizeBank& bank,
                    const std::vector<std::int64_t>& x, const std::vector<std::int64_t>& y) {
  bench.add_file(name + ".mem", bank.file());
  bench.add({.name = name,
             .module = "sl_requantize",
             .parameters = bank.parameters(name + ".mem"),
             .inputs = {{"x", rtl_words(x, bank.x_width, bank.lanes)}},
             .outputs = {{"y", rtl_words(y, bank.y_width, bank.lanes)}}});
}

void expect_requantize_rate(RtlBench& bench, std::size_t instances, std::uint64_t beats) {
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < instances; ++i) {
    EXPECT_EQ(run.latency(fmt::format("r{}.x", i), fmt::format("r{}.y", i)),
              hw::stages::kRequantize);
    EXPECT_EQ(run.cycles(fmt::format("r{}.y", i)), beats);
  }
}

// ---- banks of rtl::fit_scalers

struct RequantizeRule {
  numeric::Requantizer by;
  std::vector<std::int64_t> thresholds;
  rtl::AccumulatorRule rule;
};

// A factor that spreads the accumulators over the codes; negative ones come if the range has them.
RequantizeRule random_rule(Arithmetic arithmetic, std::int64_t lowest, std::int64_t highest,
                           CodeRange codes, Rng& rng) {
  const auto span = static_cast<double>(codes.highest - codes.lowest);
  const double factor = span / static_cast<double>(highest - lowest) * rng.real(0.5, 3);
  const auto by = numeric::make_requantizer(arithmetic, {static_cast<float>(factor), 1, 1},
                                            rng.integer(codes.lowest, codes.highest), codes);
  EXPECT_TRUE(by.has_value());
  return {*by, numeric::thresholds_of(*by), rtl::rule_of(*by, lowest, highest)};
}

// Half of the accumulators lie where the code changes.
std::int64_t random_accumulator(const RequantizeRule& channel, Rng& rng) {
  std::int64_t x = rng.integer(channel.rule.lowest, channel.rule.highest);
  if (rng.below(2) == 0 && !channel.thresholds.empty()) {
    x = channel.thresholds[rng.below(channel.thresholds.size())] - rng.integer(0, 1);
  }
  return std::clamp(x, channel.rule.lowest, channel.rule.highest);
}

struct RequantizeCase {
  Arithmetic arithmetic;
  std::int64_t lowest, highest;
  CodeRange codes;
  std::size_t lanes, depth;
};

constexpr std::uint64_t kRequantizeBeats = 4000;

void add_fitted(RtlBench& bench, const std::string& name, const RequantizeCase& wanted, Rng& rng) {
  std::vector<RequantizeRule> channels;
  std::vector<rtl::AccumulatorRule> rules;
  for (std::size_t i = 0; i < wanted.lanes * wanted.depth; ++i) {
    channels.push_back(
        random_rule(wanted.arithmetic, wanted.lowest, wanted.highest, wanted.codes, rng));
    rules.push_back(channels.back().rule);
  }
  const auto fitted = rtl::fit_scalers(rules, wanted.codes);
  ASSERT_TRUE(fitted.has_value()) << fitted.error().text();
  const auto bits = [](std::int64_t value) {
    return static_cast<std::size_t>(rtl::signed_bits(value));
  };
  RequantizeBank bank{
      .x_signed = wanted.lowest < 0,
      .lanes = wanted.lanes,
      .multiplier_width = static_cast<std::size_t>(fitted->multiplier_bits),
      .offset_width = static_cast<std::size_t>(fitted->offset_bits),
      .has_negative = fitted->has_negative_offset,
      .tie_width = fitted->has_tie_window ? static_cast<std::size_t>(fitted->shift) + 1 : 0,
      .tie_parity = fitted->tie_parity,
      .shift = fitted->shift,
      .codes = wanted.codes,
      .channels = fitted->channels};
  const auto is_one = [](const Scaler& channel) { return channel.multiplier == 1; };
  if (std::ranges::all_of(bank.channels, is_one)) bank.multiplier_width = 0;
  const std::size_t operand = std::max(bits(wanted.lowest), bits(wanted.highest));
  bank.x_width = bank.x_signed ? operand : operand - 1;
  bank.y_width =
      wanted.codes.lowest < 0 ? bits(wanted.codes.lowest) : bits(wanted.codes.highest) - 1;
  bank.product_width = std::max({static_cast<std::size_t>(fitted->product_bits) + 1, operand,
                                 bank.y_width + 1, static_cast<std::size_t>(fitted->shift) + 1});
  std::vector<std::int64_t> x;
  std::vector<std::int64_t> y;
  for (std::size_t i = 0; i < kRequantizeBeats * wanted.lanes; ++i) {
    const RequantizeRule& channel = channels[i % channels.size()];
    x.push_back(random_accumulator(channel, rng));
    y.push_back(numeric::requantize(static_cast<std::int32_t>(x.back()), channel.by));
  }
  add_requantize(bench, name, bank, x, y);
}

TEST(SlRequantize, HasTheCodesOfEveryArithmetic) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr CodeRange kInt8{-128, 127};
  constexpr CodeRange kUint8{0, 255};
  const std::vector<RequantizeCase> cases = {
      {Arithmetic::TfliteDouble, -50'000, 60'000, kInt8, 1, 1},
      {Arithmetic::TfliteDouble, -3'000'000, 2'000'000, kInt8, 4, 8},
      {Arithmetic::TfliteSingle, -90'000, 90'000, kInt8, 2, 5},
      {Arithmetic::TfliteSingle, 0, 40'000, kUint8, 3, 1},
      {Arithmetic::TfliteFloat64, -70'000, 30'000, kInt8, 1, 16},
      {Arithmetic::Onnx, -20'000, 30'001, kUint8, 1, 7},
      {Arithmetic::Onnx, -200'000, 200'000, kInt8, 3, 3},
      {Arithmetic::OnnxRuntime, -30'000, 30'000, {0, 15}, 2, 2},
      {Arithmetic::TfliteDouble, -1000, 1000, {-8, 7}, 1, 40},
      {Arithmetic::TfliteDouble, -128, 127, kInt8, 2, 1},
  };
  Rng rng(1);
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_fitted(bench, fmt::format("r{}", i), cases[i], rng);
  }
  expect_requantize_rate(bench, cases.size(), kRequantizeBeats);
}

// ---- any numbers

std::int64_t code_of(const RequantizeBank& bank, const Scaler& channel, std::int64_t x) {
  const std::int64_t multiplier = bank.multiplier_width == 0 ? 1 : channel.multiplier;
  const bool is_negative = bank.has_negative && x < 0;
  const std::int64_t sum =
      x * multiplier + (is_negative ? channel.negative_offset : channel.offset);
  const std::int64_t floor = sum >> bank.shift;
  const std::int64_t rest = sum - floor * (std::int64_t{1} << bank.shift);
  const bool is_missed = (floor & 1) == bank.tie_parity && rest < channel.tie_window;
  return std::clamp(floor - (is_missed ? 1 : 0), bank.codes.lowest, bank.codes.highest);
}

RequantizeBank random_bank(Rng& rng) {
  const auto size = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(rng.integer(low, high));
  };
  RequantizeBank bank{.x_width = size(1, 28),
                      .x_signed = rng.below(2) == 0,
                      .y_width = size(1, 16),
                      .lanes = size(1, 4),
                      .multiplier_width = rng.below(4) == 0 ? 0 : size(1, 18),
                      .offset_width = size(2, 40),
                      .has_negative = rng.below(2) == 0};
  bank.product_width =
      std::max({bank.x_width + bank.multiplier_width + 2, bank.offset_width + 1, bank.y_width + 1});
  // Most sums lie between the bounds or near them.
  const std::size_t sum_width = std::max(bank.x_width + bank.multiplier_width, bank.offset_width);
  bank.shift = std::max(0, static_cast<int>(sum_width) - static_cast<int>(bank.y_width) +
                               static_cast<int>(size(0, 2)) - 2);
  const bool has_ties = rng.below(2) == 0;
  bank.tie_width = has_ties ? static_cast<std::size_t>(bank.shift) + 1 : 0;
  bank.tie_parity = static_cast<int>(rng.below(2));
  // Signed codes and others, all and some of them.
  const std::int64_t first = rng.below(2) == 0 ? 0 : -(std::int64_t{1} << (bank.y_width - 1));
  const std::int64_t last = first + (std::int64_t{1} << bank.y_width) - 1;
  bank.codes = {rng.integer(first, (first + last) / 2), last};
  bank.codes.highest = rng.integer(bank.codes.lowest, last);
  bank.channels.resize(bank.lanes * size(1, 40));
  for (Scaler& channel : bank.channels) {
    if (bank.multiplier_width > 0) {
      channel.multiplier = random_codes(rng, 1, bank.multiplier_width, true)[0];
    }
    channel.offset = random_codes(rng, 1, bank.offset_width, true)[0];
    channel.negative_offset = random_codes(rng, 1, bank.offset_width, true)[0];
    if (has_ties) channel.tie_window = rng.integer(0, std::int64_t{1} << bank.shift);
  }
  return bank;
}

TEST(SlRequantize, IsItsFormulaAtAnyWidths) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  RtlBench bench;
  constexpr std::size_t kBanks = 12;
  for (std::size_t i = 0; i < kBanks; ++i) {
    const RequantizeBank bank = random_bank(rng);
    std::vector<std::int64_t> x =
        random_codes(rng, kRequantizeBeats * bank.lanes, bank.x_width, bank.x_signed);
    // The offsets differ from here on.
    for (auto& code : x) code = rng.below(16) == 0 ? 0 : code;
    std::vector<std::int64_t> y;
    y.reserve(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      y.push_back(code_of(bank, bank.channels[k % bank.channels.size()], x[k]));
    }
    add_requantize(bench, fmt::format("r{}", i), bank, x, y);
  }
  expect_requantize_rate(bench, kBanks, kRequantizeBeats);
}

TEST(SlRequantize, RefusesBoundsThatItsCodesDoNotHold) {
  SL_NEEDS_RTL_SIMULATORS();
  RequantizeBank bank{.channels = {{.multiplier = 1}}};
  for (const CodeRange codes : {CodeRange{-129, 100}, CodeRange{0, 256}, CodeRange{-1, 255}}) {
    bank.codes = codes;
    RtlBench bench;
    add_requantize(bench, "r0", bank, {0}, {0});
    const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
    EXPECT_FALSE(run.passed);
    EXPECT_NE(run.output.find("parameter_check_failed_codes"), std::string::npos) << run.output;
  }
}

}  // namespace
}  // namespace sluice::test
