// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/names.hpp"

#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

TEST(Names, ATakenNameGetsTheNextSuffix) {
  Names names;
  EXPECT_EQ(names.take("a"), "a");
  EXPECT_EQ(names.take("a"), "a_2");
  EXPECT_EQ(names.take("a"), "a_3");
  EXPECT_EQ(names.take("b"), "b");
}

TEST(Names, ASuffixThatIsTakenIsPassedOver) {
  Names names;
  names.reserve("a");
  names.reserve("a_2");
  EXPECT_EQ(names.take("a"), "a_3");
  EXPECT_EQ(names.take("a_2"), "a_2_2");
}

TEST(Names, WhatIsGivenBackCanBeTaken) {
  Names names;
  EXPECT_EQ(names.take("a"), "a");
  EXPECT_TRUE(names.taken("a"));
  names.give_back("a");
  EXPECT_FALSE(names.taken("a"));
  EXPECT_EQ(names.take("a"), "a");
}

TEST(Names, AGraphsAreTaken) {
  Graph graph;
  graph.add_input("x", DType::Float32, {1});
  EXPECT_TRUE(Names::of(graph.values).taken("x"));
  EXPECT_FALSE(Names::of(graph.nodes).taken("x"));
}

}  // namespace
}  // namespace sluice::ir
