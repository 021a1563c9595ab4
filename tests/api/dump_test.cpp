// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/dump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/quantized_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

using ::testing::HasSubstr;

// x [1, 2, 3, 4] → Relu, called "a/y:0".
ir::Graph net_with_a_path_for_a_name() {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 3, 4}, {DType::Int8, {1}, {0}});
  const ir::ValueId y = net.add_like(ir::Relu{}, {x});
  net.graph()[y].name = "a/y:0";
  return net.finish({y});
}

void write(const TempFolder& temp, const char* name, const Tensor& tensor) {
  ASSERT_TRUE(numeric::write_npy(temp.path() / name, tensor));
}

TEST(ReadDump, TakesFilesByTheirNamesAndTheInputApart) {
  const TempFolder temp;
  write(temp, "a.npy", Tensor(DType::Int8, {2}));
  write(temp, "input.npy", Tensor(DType::Int8, {3}));
  const auto dump = read_dump(temp.path());
  ASSERT_TRUE(dump) << dump.error().text();
  EXPECT_EQ(dump->arrays.size(), 1U);
  EXPECT_EQ(dump->arrays.at("a").shape(), Shape{2});
  EXPECT_EQ(dump->input->shape(), Shape{3});
}

TEST(ReadDump, NumberedTensorsTakeTheirNamesFromTheList) {
  const TempFolder temp;
  write(temp, "t7.npy", Tensor(DType::Int8, {2}));
  for (const char* json : {R"([{"id": 7, "name": "a/y:0"}])",
                           R"({"model": "m", "tensors": [{"id": 7, "name": "a/y:0"}]})"}) {
    temp.write("tensors.json", std::string_view(json));
    const auto dump = read_dump(temp.path());
    ASSERT_TRUE(dump) << dump.error().text();
    EXPECT_TRUE(dump->arrays.contains("a/y:0"));
  }
}

TEST(ReadDump, WhatIsNotThereOrBrokenIsAnError) {
  const TempFolder temp;
  const auto missing = read_dump(temp.path() / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Io);
  temp.write("tensors.json", std::string_view(R"([{"id": "x", "name": "y"}])"));
  const auto list = read_dump(temp.path());
  ASSERT_FALSE(list);
  EXPECT_THAT(list.error().where, HasSubstr("tensors.json/0/id"));
  const auto archive = read_dump(temp.write("x.npz", std::string_view("no archive")));
  EXPECT_FALSE(archive);
}

TEST(ValuesOf, TakesArraysAsTheyLieOrChannelsLast) {
  const ir::Graph graph = net_with_a_path_for_a_name();
  const Tensor first = Tensor::from<std::int8_t>({1, 2, 3, 4}, std::vector<std::int8_t>(24, 3));
  Tensor last(DType::Int8, {1, 3, 4, 2});
  last.mutable_data<std::int8_t>()[1] = 5;  // row 0, column 0, channel 1
  const auto values = values_of({{{"x", first}, {"a/y:0", last}}, {}}, graph);
  ASSERT_TRUE(values) << values.error().text();
  EXPECT_EQ(values->at(graph.inputs[0].value), first);
  const Tensor& y = values->at(graph.outputs[0]);
  EXPECT_EQ(y.shape(), (Shape{1, 2, 3, 4}));
  EXPECT_EQ(y.data<std::int8_t>()[12], 5);
}

TEST(ValuesOf, TakesNamesAsFilesHaveThemAndWiderIntegers) {
  const ir::Graph graph = net_with_a_path_for_a_name();
  const Tensor codes = Tensor::from<std::int32_t>({1, 2, 3, 4}, std::vector<std::int32_t>(24, -9));
  const auto values = values_of({{{"a_y_0", codes}, {"other", codes}}, {}}, graph);
  ASSERT_TRUE(values) << values.error().text();
  ASSERT_EQ(values->size(), 1U);
  EXPECT_EQ(values->at(graph.outputs[0]).dtype(), DType::Int8);
  EXPECT_EQ(values->at(graph.outputs[0]).data<std::int8_t>()[0], -9);
}

TEST(ValuesOf, AnotherShapeTypeOrRangeIsRefusedByName) {
  const ir::Graph graph = net_with_a_path_for_a_name();
  for (const Tensor& wrong :
       {Tensor(DType::Int8, {1, 2, 4, 3}), Tensor(DType::Float32, {1, 2, 3, 4}),
        Tensor::from<std::int32_t>({1, 2, 3, 4}, std::vector<std::int32_t>(24, 200))}) {
    const auto values = values_of({{{"a/y:0", wrong}}, {}}, graph);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, ErrorCode::Parse);
    EXPECT_THAT(values.error().where, HasSubstr("a/y:0"));
  }
}

}  // namespace
}  // namespace sluice::api
