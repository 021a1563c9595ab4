// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/chain.hpp"

#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw {
namespace {

const Stream kSource{.map = {4, 5, 1, 6}, .data_bits = 8};

// 120 words at 1 a clock; 120 words at 1/4; 480 words at 1, 80 words at 1/6.
const Activation kPassing{kSource};
const VectorDot kDot{kSource, 4};
const Accum kAccum{kSource, 4};

TEST(Chain, OfNothingIsFreeAndPassesAWordAClock) {
  const Chain chain;
  EXPECT_EQ(chain.latency_cycles(), 0);
  EXPECT_EQ(chain.pipeline_depth(), 0);
  EXPECT_EQ(chain.rates().in, 1);
  EXPECT_EQ(chain.rates().out, 1);
  EXPECT_EQ(chain.resources(test::uniform(1)), Resources{});
}

TEST(Chain, TakesTheCyclesOfItsSlowestModule) {
  Chain chain;
  chain.add("first", kPassing);
  EXPECT_EQ(chain.latency_cycles(), 4 * 5 * 6);
  chain.add("second", kDot);
  chain.add("third", kPassing);
  EXPECT_EQ(chain.latency_cycles(), 4 * 5 * 6 * 4);
}

TEST(Chain, AddsUpDepths) {
  Chain chain;
  chain.add("dot", kDot);      // ⌊log2 1⌋ + 1
  chain.add("accum", kAccum);  // 6 channels · 4 filters
  EXPECT_EQ(chain.pipeline_depth(), 1 + 24);
}

TEST(ChainRates, AreSlowedDownByASlowerSuccessor) {
  Chain chain;
  chain.add("first", kPassing);
  chain.add("second", kPassing);
  chain.add("slow", kDot);  // reads a word in four clocks, writes one a clock
  EXPECT_EQ(chain.rates().in, 1.0 / 4);
  EXPECT_EQ(chain.rates().out, 1);
}

TEST(ChainRates, AreSlowedDownByASlowerPredecessor) {
  Chain chain;
  chain.add("slow", kAccum);  // writes a word for six that it reads
  chain.add("second", kPassing);
  chain.add("third", kPassing);
  EXPECT_EQ(chain.rates().in, 1);
  EXPECT_DOUBLE_EQ(chain.rates().out, 1.0 / 6);
}

TEST(ChainRates, KeepTheRatioOfAModuleThatIsSlowedDown) {
  Chain chain;
  // Reads 20 words for 42 that it writes, of which the next takes one in four clocks.
  chain.add("pad", Pad{kSource, {.top = 1, .bottom = 1, .left = 1, .right = 1}});
  chain.add("dot", kDot);
  EXPECT_DOUBLE_EQ(chain.rates().in, 0.25 * 20 / 42);
}

TEST(ChainResources, AreThoseOfAllCopies) {
  Chain chain;
  chain.add("three", kPassing, 3);
  chain.add("none", kPassing, 0);
  // Features 1 and 8 bits, in LUTs and in flip-flops.
  EXPECT_EQ(chain.resources(test::uniform(1)), (Resources{.lut = 3 * 9, .ff = 3 * 9}));
}

TEST(ChainResources, HaveWholeDspsUnlessTheyMayBeShared) {
  Stream three = kSource;
  three.streams = 3;
  Chain chain;
  chain.add("products", ShiftScale{three});
  chain.back().dsp_share = 0.5;
  EXPECT_EQ(chain.resources(test::uniform(0)).dsp, 2);  // ⌈1.5⌉
  chain.back().whole_dsps = false;
  EXPECT_EQ(chain.resources(test::uniform(0)).dsp, 1.5);
}

TEST(ChainResources, CountLutsAndBlocksOfAModuleAsTheyAre) {
  Stream wide = kSource;
  wide.map.cols = 100;
  Chain chain;
  // A line of 600 words of two rows of 8 bits: a block of 1024 by 18. Three windows within it of 6
  // words of 16 bits, in 2 arrays of LUTs each, and nine words of 8 bits in one each.
  chain.add("windows", SlidingWindow{wide, {3, 3}, {}, {}}, 2);
  const Resources resources = chain.resources(test::lut_memories());
  EXPECT_EQ(resources.bram18, 2 * 1);
  EXPECT_EQ(resources.lut, 2 * (3 * 2 + 9 * 1) * 8);
  // What they cost is the coefficients' to say; fpgaConvNet's says a LUT an array itself.
  EXPECT_EQ(chain.resources(test::uniform(0)).lut, 0);
  wide.rules = Rules::FpgaConvNet;
  Chain compat;
  compat.add("windows", SlidingWindow{wide, {3, 3}, {}, {}}, 2);
  EXPECT_EQ(compat.resources(test::lut_memories()).lut, 2 * (3 * 2 + 9 * 1));
}

}  // namespace
}  // namespace sluice::hw
