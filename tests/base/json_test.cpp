// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/json.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/base/file.hpp"

namespace sluice {
namespace {

TEST(Json, KeysKeepTheirOrderAndTheTextEndsWithANewline) {
  const Json value = {{"zeta", 1}, {"alpha", Json::array({1, 2})}};
  EXPECT_EQ(dump_json(value), "{\n  \"zeta\": 1,\n  \"alpha\": [\n    1,\n    2\n  ]\n}\n");
}

TEST(Json, WrittenTextReadsBackToTheSameBytes) {
  const std::string text = dump_json({{"x", 0.1}, {"y", -3}, {"s", "é\n"}});
  EXPECT_EQ(dump_json(*parse_json(text)), text);
}

TEST(Json, BytesThatAreNoUtf8AreReplacedNotFatal) {
  EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xef\xbf\xbd\"\n");
}

TEST(Json, ASyntaxErrorNamesLineAndColumn) {
  const auto value = parse_json("{\n  \"a\": nope\n}");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::Parse);
  EXPECT_EQ(value.error().where, "line 2, column 9");
}

TEST(Json, TrailingTextIsRefused) {
  EXPECT_FALSE(parse_json("1 2"));
  EXPECT_FALSE(parse_json(""));
}

TEST(Json, ANumberBeyondADoubleIsAnError) {
  EXPECT_FALSE(parse_json("1e999"));
}

TEST(Json, DeepNestingIsRefusedBeforeItHurts) {
  const auto value = parse_json(std::string(1000000, '['));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().where, "line 1, column 257");
}

TEST(Json, BracketsInStringsDoNotNest) {
  EXPECT_TRUE(parse_json("\"" + std::string(1000, '[') + "\\\"[\""));
}

TEST(Json, AFileErrorStartsWithThePath) {
  const auto path = std::filesystem::temp_directory_path() / "sluice_json_test.json";
  ASSERT_TRUE(write_file(path, std::string_view("[1,")));
  const auto value = read_json(path);
  std::filesystem::remove(path);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().where, path.string() + ": line 1, column 4");
}

TEST(JsonReader, ErrorsPointAtThePlace) {
  const Json document = *parse_json(R"({"layers": [{"a/b~": 1}, {"a/b~": "x"}]})");
  const auto layers = JsonReader(document).at("layers");
  ASSERT_TRUE(layers);
  const auto elements = layers->elements();
  ASSERT_TRUE(elements);
  EXPECT_EQ(*(*elements)[0].at("a/b~")->integer(), 1);
  const auto wrong = (*elements)[1].at("a/b~")->integer();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().where, "/layers/1/a~1b~0");
}

TEST(JsonReader, AMissingKeyIsNamed) {
  const Json document = Json::object();
  const auto member = JsonReader(document).at("stride");
  ASSERT_FALSE(member);
  EXPECT_NE(member.error().message.find("stride"), std::string::npos);
}

TEST(JsonReader, IntegersAreNeitherFractionsNorTooLarge) {
  const Json document = *parse_json("[1.0, 9223372036854775808, 9223372036854775807]");
  const auto elements = *JsonReader(document).elements();
  EXPECT_FALSE(elements[0].integer());
  EXPECT_FALSE(elements[1].integer());
  EXPECT_EQ(*elements[2].integer(), std::numeric_limits<std::int64_t>::max());
}

TEST(JsonReader, EachKindIsCheckedForItsOwn) {
  const Json document = *parse_json(R"([1, true, "s", null])");
  const auto elements = *JsonReader(document).elements();
  EXPECT_EQ(*elements[0].number(), 1.0);
  EXPECT_EQ(*elements[1].boolean(), true);
  EXPECT_EQ(*elements[2].string(), "s");
  EXPECT_FALSE(elements[3].number());
  EXPECT_FALSE(elements[0].boolean());
  EXPECT_FALSE(elements[1].string());
  EXPECT_FALSE(elements[2].elements());
}

TEST(JsonReader, AStringMemberIsThereAndAString) {
  const Json document = {{"name", "conv"}, {"stride", 2}};
  const JsonReader reader(document);
  EXPECT_EQ(*reader.string_at("name"), "conv");
  EXPECT_EQ(reader.string_at("stride").error().where, "/stride");
  EXPECT_FALSE(reader.string_at("pads"));
}

TEST(JsonReader, ChecksTheFormat) {
  const Json document = {{"format", "sluice.design/2"}};
  EXPECT_TRUE(JsonReader(document).check_format("sluice.design/2"));
  const Status status = JsonReader(document).check_format("sluice.design/1");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "/format");
  EXPECT_EQ(status.error().message, "\"sluice.design/2\" is not \"sluice.design/1\"");
  const Json empty = Json::object();
  EXPECT_FALSE(JsonReader(empty).check_format("sluice.design/1"));
}

TEST(JsonReader, AnUnknownKeyIsAnErrorWithASuggestion) {
  const Json document = {{"strid", 1}};
  const Status status = JsonReader(document).only_keys({"stride", "pads"});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("did you mean \"stride\""), std::string::npos);
}

}  // namespace
}  // namespace sluice
