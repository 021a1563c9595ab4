// SPDX-License-Identifier: Apache-2.0
// And sl_rom and sl_adder_tree, which sl_dot reads and adds by.
#include <cstddef>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

struct DotShape {
  std::size_t x_width = 8;
  bool x_signed = true;
  std::size_t weight_width = 8, acc_width = 24;
  std::size_t fine = 1, groups = 1, lanes_in = 1, lanes_out = 1;
  std::size_t beats = 1, filters = 1, sets = 1;
  bool at_ends = false;  // words and weights are the lowest or the highest

  [[nodiscard]] std::size_t lanes() const { return groups * lanes_out; }
  [[nodiscard]] std::size_t products() const { return fine * lanes_in; }
  [[nodiscard]] std::size_t beat_words() const { return fine * groups * lanes_in; }
  [[nodiscard]] std::size_t cycles() const { return beats * filters * sets; }  // of a position

  [[nodiscard]] std::string parameters(const std::string& name) const {
    return fmt::format(
        ".XWidth({}), .XSigned({}), .WeightWidth({}), .AccWidth({}), .Fine({}), .Groups({}), "
        ".LanesIn({}), .LanesOut({}), .Beats({}), .Filters({}), .Sets({}), "
        ".WeightsFile(\"{}_weights.mem\"), .BiasFile(\"{}_bias.mem\")",
        x_width, x_signed ? "1'b1" : "1'b0", weight_width, acc_width, fine, groups, lanes_in,
        lanes_out, beats, filters, sets, name, name);
  }
};

// Codes in the order of the module's files and beats.
struct DotCodes {
  std::vector<std::int64_t> weights, bias, x;
};

// Every code becomes the lowest if it is even, else the highest.
void move_to_ends(std::vector<std::int64_t>& codes, std::size_t width, bool is_signed) {
  const std::int64_t lowest = is_signed ? -(std::int64_t{1} << (width - 1)) : 0;
  const std::int64_t highest = lowest + (std::int64_t{1} << width) - 1;
  for (std::int64_t& code : codes) code = code % 2 == 0 ? lowest : highest;
}

DotCodes random_dot_codes(const DotShape& shape, std::size_t positions, Rng& rng) {
  DotCodes codes{
      .weights = random_codes(rng, shape.cycles() * shape.lanes() * shape.products(),
                              shape.weight_width, true),
      .bias = random_codes(rng, shape.sets * shape.filters * shape.lanes(), shape.acc_width, true),
      .x = random_codes(rng, positions * shape.sets * shape.beats * shape.beat_words(),
                        shape.x_width, shape.x_signed)};
  if (shape.at_ends) {
    move_to_ends(codes.weights, shape.weight_width, true);
    move_to_ends(codes.x, shape.x_width, shape.x_signed);
  }
  return codes;
}

// The head's formula.
std::int64_t dot_sum(const DotShape& shape, const DotCodes& codes, std::size_t position,
                     std::size_t set, std::size_t filter, std::size_t lane) {
  std::int64_t sum = codes.bias[(set * shape.filters + filter) * shape.lanes() + lane];
  for (std::size_t n = 0; n < shape.beats; ++n) {
    const std::size_t beat = (position * shape.sets + set) * shape.beats + n;
    const std::size_t entry = (set * shape.beats + n) * shape.filters + filter;
    for (std::size_t w = 0; w < shape.fine; ++w) {
      for (std::size_t i = 0; i < shape.lanes_in; ++i) {
        const std::size_t x_lane = lane / shape.lanes_out * shape.lanes_in + i;
        sum +=
            codes.x[(beat * shape.fine + w) * shape.groups * shape.lanes_in + x_lane] *
            codes.weights[(entry * shape.lanes() + lane) * shape.products() + i * shape.fine + w];
      }
    }
  }
  return sum;
}

// An instance with its files; a frame is a position.
void add_dot(RtlBench& bench, const std::string& name, const DotShape& shape, std::size_t positions,
             Rng& rng) {
  const DotCodes codes = random_dot_codes(shape, positions, rng);
  bench.add_file(name + "_weights.mem",
                 rtl_words(codes.weights, shape.weight_width, shape.lanes() * shape.products()));
  bench.add_file(name + "_bias.mem", rtl_words(codes.bias, shape.acc_width, shape.lanes()));
  std::vector<std::int64_t> sums;
  sums.reserve(positions * shape.sets * shape.filters * shape.lanes());
  for (std::size_t p = 0; p < positions; ++p) {
    for (std::size_t s = 0; s < shape.sets; ++s) {
      for (std::size_t f = 0; f < shape.filters; ++f) {
        for (std::size_t l = 0; l < shape.lanes(); ++l) {
          sums.push_back(dot_sum(shape, codes, p, s, f, l));
        }
      }
    }
  }
  bench.add({.name = name,
             .module = "sl_dot",
             .parameters = shape.parameters(name),
             .inputs = {{"x", rtl_words(codes.x, shape.x_width, shape.beat_words()),
                         shape.sets * shape.beats}},
             .outputs = {{"y", rtl_words(sums, shape.acc_width, shape.lanes()),
                          shape.sets * shape.filters}}});
}

// Positions for about so many cycles.
std::size_t positions_for(const DotShape& shape, std::size_t cycles) {
  return std::max<std::size_t>(cycles / shape.cycles(), 3);
}

void expect_no_bubbles(const RtlRun& run, const std::string& name, const DotShape& shape) {
  const auto& frames = run.times.at(name + ".y");
  for (std::size_t i = 1; i < frames.size(); ++i) {
    ASSERT_EQ(frames[i].first_cycle - frames[i - 1].first_cycle, shape.cycles())
        << name << " at position " << i;
  }
  // The first beat is there for Filters cycles, the last of which is its transfer.
  EXPECT_EQ(run.latency(name + ".x", name + ".y") + static_cast<std::int64_t>(shape.filters) - 1,
            static_cast<std::int64_t>((shape.beats - 1) * shape.filters) +
                hw::stages::dot(static_cast<std::int64_t>(shape.products())))
      << name;
}

void expect_dots(const std::vector<DotShape>& shapes, std::size_t cycles, Rng& rng) {
  RtlBench bench;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    add_dot(bench, fmt::format("d{}", i), shapes[i], positions_for(shapes[i], cycles), rng);
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    expect_no_bubbles(run, fmt::format("d{}", i), shapes[i]);
  }
}

TEST(SlDot, SumsConvolutionsOfEveryFold) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  expect_dots(
      {
          {.beats = 9, .filters = 4},
          {.fine = 9, .lanes_in = 2, .lanes_out = 3, .beats = 1, .filters = 1},
          {.x_signed = false, .fine = 3, .lanes_in = 2, .lanes_out = 2, .beats = 6, .filters = 5},
          // Depthwise: a set of weights for each beat of channels.
          {.fine = 9, .groups = 4, .beats = 1, .filters = 1, .sets = 6},
          {.fine = 3, .groups = 2, .lanes_out = 2, .beats = 3, .filters = 2, .sets = 3},
          // Pointwise, and an inner product.
          {.lanes_in = 8, .lanes_out = 4, .beats = 2, .filters = 16},
          {.x_width = 4,
           .weight_width = 3,
           .acc_width = 16,
           .lanes_in = 5,
           .beats = 20,
           .filters = 10},
          {.beats = 7, .filters = 1},
          {.beats = 1, .filters = 7, .sets = 2},
      },
      4000, rng);
}

// Two products of one multiplier must not reach into one another.
TEST(SlDot, SumsPairsOfTheLargestProducts) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(3);
  std::vector<DotShape> shapes;
  for (const bool is_signed : {true, false}) {
    for (const auto& [x_width, weight_width] :
         {std::pair{8, 8}, {1, 8}, {5, 4}, {10, 7}, {17, 3}}) {
      shapes.push_back({.x_width = static_cast<std::size_t>(x_width),
                        .x_signed = is_signed,
                        .weight_width = static_cast<std::size_t>(weight_width),
                        .acc_width = 26,
                        .lanes_in = 3,
                        .lanes_out = 5,
                        .beats = 2,
                        .filters = 3,
                        .at_ends = true});
    }
  }
  expect_dots(shapes, 2000, rng);
}

TEST(SlDot, SumsAtRandomParameters) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const auto size = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(rng.integer(low, high));
  };
  std::vector<DotShape> shapes(14);
  for (DotShape& shape : shapes) {
    shape = {.x_width = size(1, 12),
             .x_signed = rng.below(2) == 0,
             .weight_width = size(1, 9),
             // Sums go round where this is narrow.
             .acc_width = size(4, 33),
             .fine = size(1, 5),
             .groups = size(1, 3),
             .lanes_in = size(1, 4),
             .lanes_out = size(1, 3),
             .beats = size(1, 7),
             .filters = size(1, 7),
             .sets = size(1, 4)};
  }
  expect_dots(shapes, 3000, rng);
}

}  // namespace
}  // namespace sluice::test
