// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/proto.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

Json layer(Json value) {
  return {{"partition", Json::array({{{"layers", Json::array({std::move(value)})}}})}};
}

std::string canonical_text(Json of_layer) {
  const auto result = canonical(layer(std::move(of_layer)), kPartitions);
  return result ? (*result)["partition"][0]["layers"][0].dump() : result.error().text();
}

TEST(Canonical, OrdersFieldsByTheirNumbers) {
  EXPECT_EQ(canonical_text({{"type", "RELU"}, {"name", "a"}}), R"({"name":"a","type":"RELU"})");
}

TEST(Canonical, TakesNamesInCamelCase) {
  EXPECT_EQ(canonical_text({{"onnxNode", "a"}, {"parameters", {{"memBwIn", 3}, {"rowsIn", 2}}}}),
            R"({"onnx_node":"a","parameters":{"rows_in":2,"mem_bw_in":3.0}})");
}

TEST(Canonical, TakesLayerTypesByNumber) {
  EXPECT_EQ(canonical_text({{"type", 17}}), R"({"type":"CHOP"})");
  EXPECT_THAT(canonical_text({{"type", 99}}), HasSubstr("the number of no layer type"));
}

TEST(Canonical, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(canonical_text({{"name", nullptr}, {"streams_in", Json::array()}}), "{}");
}

TEST(Canonical, HasNumbersOf32Bits) {
  EXPECT_EQ(canonical_text({{"parameters", {{"threshold", 0.7}, {"scale", {100.0 / 3}}}}}),
            R"({"parameters":{"scale":[33.333332],"threshold":0.7}})");
  EXPECT_THAT(canonical_text({{"parameters", {{"fine", 3000000000}}}}), HasSubstr("32 bits"));
  EXPECT_THAT(canonical_text({{"parameters", {{"threshold", 1e39}}}}), HasSubstr("float32"));
}

TEST(Canonical, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(canonical_text({{"parameters", {{"rows_inn", 1}}}}),
              HasSubstr("/partition/0/layers/0/parameters: unknown key \"rows_inn\" of a "
                        "parameters (did you mean \"rows_in\"?)"));
  EXPECT_THAT(canonical_text({{"type", "RELUU"}}), HasSubstr("did you mean \"RELU\"?"));
  EXPECT_THAT(canonical_text({{"name", 3}}),
              HasSubstr("/partition/0/layers/0/name: must be a string"));
  EXPECT_THAT(canonical_text({{"onnx_node", "a"}, {"onnxNode", "b"}}), HasSubstr("keep one"));
  EXPECT_THAT(canonical_text({{"parameters", 3}}), HasSubstr("must be an object"));
}

TEST(AsFloat32, HasTheShortestText) {
  EXPECT_EQ(as_float32(0.1), 0.1);
  EXPECT_EQ(as_float32(1.0 / 3), 0.33333334);
}

}  // namespace
}  // namespace sluice::hw
