// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/design.hpp"

#include <gmock/gmock.h>
#include <set>

#include "tests/hw/designs.hpp"

#include "sluice/base/file.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

std::string design_error(const Json& document) {
  const auto result = parse_design(document);
  return result ? "" : result.error().text();
}

// The document with one value replaced.
Json design_with(const char* pointer, const Json& value) {
  Json document = to_json(test::two_partitions());
  document[Json::json_pointer(pointer)] = value;
  return document;
}

TEST(Design, IsWrittenAndReadTheSame) {
  const Design design = test::two_partitions();
  const Json document = to_json(design);
  const auto read = parse_design(document);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, design);
  EXPECT_EQ(dump_json(to_json(*read)), dump_json(document));
}

TEST(Design, SaysWhatIsWrongAndWhere) {
  const auto expect = [](const char* pointer, const Json& value, const char* message) {
    EXPECT_THAT(design_error(design_with(pointer, value)), HasSubstr(message)) << pointer;
  };
  expect("/format", "sluice.design/2", "/format: \"sluice.design/2\" is not \"sluice.design/1\"");
  expect("/model/sha256", "A0", "/model/sha256: must be 64 digits");
  expect("/clock_mhz", 0, "/clock_mhz: must be 0.001 to 100000");
  expect("/batch_size", 1.5, "/batch_size: must be an integer");
  expect("/rules", "peer", "/rules: \"peer\" is not");
  expect("/partitions/0/slow_down_factor", 0.5, "must be 1 to");
  expect("/partitions/0/streams_in/0", 0, "/partitions/0/streams_in/0: must be 1 to");
  expect("/partitions/0/reloading/layer", "", "must name a layer, or be null");
  expect("/partitions/0/layers/0/folding/fine", 3000000000, "must be 1 to 2147483647");
  expect("/partitions/0/layers/0/folding/corse_in", 1, "did you mean \"coarse_in\"?");
  expect("/partitions/0/layers/0/weights/blocks_off_chip", -1, "must be 0 to");
  expect("/partitions/0/layers/0/inputs_off_chip/0", 1, "must be true or false");
}

void collect(const Json& value, const Json::json_pointer& at,
             std::vector<Json::json_pointer>& places) {
  if (value.is_primitive()) places.push_back(at);
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    collect(value[i], at / i, places);
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) collect(member, at / key, places);
}

// Nothing in a design is passed over: another value is an error or another design.
TEST(Design, IsAnotherIfAnyOneValueIs) {
  const Design design = test::two_partitions();
  const Json document = to_json(design);
  std::vector<Json::json_pointer> places;
  collect(document, Json::json_pointer(), places);
  EXPECT_EQ(places.size(), 58U);
  const std::vector<Json> values{
      "x", "", -7, 0, 1, 2, 0.5, 1e300, true, false, nullptr, Json::array(), Json::object()};
  for (const auto& place : places) {
    Json without = document;
    Json& parent = without[place.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(place.back());
      EXPECT_FALSE(parse_design(without)) << place;
    }
    for (const Json& value : values) {
      if (document[place] == value) continue;
      Json changed = document;
      changed[place] = value;
      const auto read = parse_design(changed);
      EXPECT_FALSE(read && *read == design) << place << value;
    }
  }
}

// The keys of every object in a document.
void collect_keys(const Json& value, std::set<std::string>& keys) {
  if (!value.is_structured()) return;
  for (const Json& element : value) collect_keys(element, keys);
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) keys.insert(key);
}

void collect_properties(const Json& schema, std::set<std::string>& keys) {
  if (schema.is_object() && schema.contains("properties")) {
    std::set<std::string> required = schema["required"];
    for (const auto& [key, member] : schema["properties"].items()) {
      keys.insert(key);
      EXPECT_EQ(required.count(key), 1U) << key;
    }
    EXPECT_EQ(required.size(), schema["properties"].size());
    EXPECT_EQ(schema["additionalProperties"], false);
  }
  for (const Json& each : schema) {
    if (each.is_structured()) collect_properties(each, keys);
  }
}

TEST(Design, HasTheKeysOfItsSchema) {
  const auto schema = read_json("schemas/sluice.design-1.schema.json");
  ASSERT_TRUE(schema) << schema.error().text();
  std::set<std::string> written;
  collect_keys(to_json(test::two_partitions()), written);
  std::set<std::string> described;
  collect_properties(*schema, described);
  EXPECT_EQ(written, described);
}

TEST(Design, IsWhatItsPageShows) {
  const auto page = MappedFile::open("docs/reference/designs.md");
  ASSERT_TRUE(page) << page.error().text();
  const std::string_view text = page->text();
  const std::string_view fence = "```json\n";
  const std::size_t from = text.find(fence) + fence.size();
  const auto document = parse_json(text.substr(from, text.find("```", from) - from));
  ASSERT_TRUE(document) << document.error().text();
  const auto design = parse_design(*document);
  ASSERT_TRUE(design) << design.error().text();
  EXPECT_EQ(to_json(*design), *document);
}

TEST(Design, NamesRules) {
  EXPECT_EQ(rules_name(Rules::Sluice), "sluice");
  EXPECT_EQ(rules_name(Rules::FpgaConvNet), "fpgaconvnet");
}

}  // namespace
}  // namespace sluice::hw
