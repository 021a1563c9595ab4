// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kWithAxes = kInput + "const %space: int64[2] = [2, -1]\n";

TEST(BuildReduce, OverSpaceIsAGlobalPooling) {
  EXPECT_EQ(built_layer(kWithAxes + "%y = ReduceMean(%x, %space) {keep_dims=false}\noutput %y")
                .as<GlobalPooling>()
                ->reduction,
            Reduction::Average);
  EXPECT_EQ(built_layer(kWithAxes + "%y = ReduceMax(%x, %space)\noutput %y")
                .as<GlobalPooling>()
                ->reduction,
            Reduction::Max);
}

TEST(BuildReduce, OverChannelsIsRefused) {
  EXPECT_EQ(refusal(kWithAxes + "const %c: int64[1] = [1]\n%y = ReduceMean(%x, %c)\noutput %y"),
            "it goes along other dimensions than rows and columns");
}

TEST(BuildReduce, RanksResultsOnTheHost) {
  EXPECT_EQ(refusal("input %x: float32[1x4]\n%a = Relu(%x)\n"
                    "%y = ArgMax(%a) {axis=1}\noutput %y"),
            "");
}

TEST(BuildReduce, HasNoSums) {
  EXPECT_EQ(refusal(kWithAxes + "%y = ReduceSum(%x, %space)\noutput %y"),
            "there is no hardware for sums over a map");
}

}  // namespace
}  // namespace sluice::hw
