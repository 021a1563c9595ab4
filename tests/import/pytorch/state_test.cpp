// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/state.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"

namespace sluice::importer::pytorch {
namespace {

using pickled::dictionary;
using pickled::module;
using pickled::ordered_dictionary;
using pickled::text;

const std::string kTensor = pickled::tensor({.storage_elements = 2, .sizes = {2}, .strides = {1}});

Result<Checkpoint> flat(const std::string& program, std::uint64_t max_bytes = 10000) {
  const std::string bytes = pickled::whole(program);
  SL_TRY(const Pickle pickle, unpickle(std::as_bytes(std::span(bytes))));
  const TensorSource zeros = [](const TensorRef& ref) -> Result<Tensor> {
    return Tensor(ref.storage.dtype, ref.sizes);
  };
  return flatten(pickle, zeros, max_bytes);
}

std::vector<std::string> names_of(const std::string& program) {
  const auto checkpoint = flat(program);
  EXPECT_TRUE(checkpoint) << checkpoint.error().text();
  std::vector<std::string> names;
  if (!checkpoint) return names;
  for (const NamedTensor& tensor : checkpoint->tensors) names.push_back(tensor.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(State, AStateDictKeepsItsOrder) {
  EXPECT_EQ(names_of(ordered_dictionary({{"b.weight", kTensor}, {"a.weight", kTensor}})),
            (Names{"b.weight", "a.weight"}));
}

TEST(State, WrappersAreEnteredAndTheirNumbersKept) {
  const auto checkpoint = flat(dictionary({{"epoch", "K\7"},
                                           {"acc", std::string("G\x3f\xe0\0\0\0\0\0\0", 9)},
                                           {"arch", text("net")},
                                           {"optimizer", dictionary({{"state", kTensor}})},
                                           {"state_dict", dictionary({{"w", kTensor}})}}));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  ASSERT_EQ(checkpoint->tensors.size(), 1U);
  EXPECT_EQ(checkpoint->tensors[0].name, "w");
  ASSERT_EQ(checkpoint->scalars.size(), 3U);
  EXPECT_EQ(std::get<std::int64_t>(checkpoint->scalars[0].value), 7);
  EXPECT_EQ(std::get<double>(checkpoint->scalars[1].value), 0.5);
  EXPECT_EQ(std::get<std::string>(checkpoint->scalars[2].value), "net");
}

TEST(State, ADictionaryWithATensorIsNoWrapper) {
  EXPECT_EQ(names_of(dictionary({{"model", dictionary({{"w", kTensor}})}, {"v", kTensor}})),
            (Names{"model.w", "v"}));
}

TEST(State, WrappersMayNest) {
  EXPECT_EQ(
      names_of(dictionary({{"net", dictionary({{"state_dict", dictionary({{"w", kTensor}})}})}})),
      (Names{"w"}));
}

TEST(State, OtherDictionariesGiveTheirKeysAsPrefixes) {
  EXPECT_EQ(names_of(dictionary(
                {{"left", dictionary({{"w", kTensor}})}, {"right", "}K\3" + kTensor + "s"}})),
            (Names{"left.w", "right.3"}));
}

TEST(State, ModulesAreWalkedAsTheirStateDict) {
  const std::string batch_norm =
      module("torch.nn.modules.batchnorm", "BatchNorm2d",
             dictionary({{"training", "\x88"},
                         {"_buffers", ordered_dictionary({{"running_mean", kTensor}})},
                         {"_parameters", ordered_dictionary({{"weight", kTensor}, {"bias", "N"}})},
                         {"_modules", ordered_dictionary({})}}));
  const std::string net =
      module("models.diracdeltanet", "DiracDeltaNet",
             dictionary({{"_parameters", ordered_dictionary({{"own", kTensor}})},
                         {"_modules", ordered_dictionary({{"bn1", batch_norm}})}}));
  const Names names{"own", "bn1.weight", "bn1.running_mean"};
  EXPECT_EQ(names_of(net), names);
  EXPECT_EQ(names_of(dictionary({{"net", net}, {"epoch", "K\1"}})), names);
}

TEST(State, ThePrefixOfDataParallelGoesIfAllNamesHaveIt) {
  EXPECT_EQ(names_of(dictionary({{"module.a", kTensor}, {"module.b", kTensor}})),
            (Names{"a", "b"}));
  EXPECT_EQ(names_of(dictionary({{"module.a", kTensor}, {"b", kTensor}})),
            (Names{"module.a", "b"}));
}

TEST(State, WhatHoldsNoTensorsIsAnError) {
  EXPECT_FALSE(flat("K\1"));
  EXPECT_FALSE(flat("}"));
  EXPECT_FALSE(flat("](" + kTensor + "e"));
}

TEST(State, TheSameNameTwiceIsAnError) {
  EXPECT_FALSE(flat(dictionary({{"w", kTensor}, {"w", kTensor}})));
}

TEST(State, KeysThatAreNoNamesAreErrorsWhereTensorsAre) {
  EXPECT_FALSE(flat("}N" + kTensor + "s"));
  EXPECT_EQ(names_of("}(NK\1" + text("w") + kTensor + "u"), (Names{"w"}));
}

TEST(State, ADictionaryInItselfEnds) {
  const auto checkpoint = flat("}q\1(" + text("again") + "h\1" + text("w") + kTensor + "u");
  ASSERT_FALSE(checkpoint);
  EXPECT_EQ(checkpoint.error().code, ErrorCode::Unsupported);
  const auto wrapped = flat("}q\1(" + text("state_dict") + "h\1u");
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().code, ErrorCode::Unsupported);
}

TEST(State, AModuleInItselfEnds) {
  const auto checkpoint = flat(pickled::global("torch.nn.modules.linear", "Linear") + ")\x81q\1" +
                               dictionary({{"_modules", dictionary({{"me", "h\1"}})}}) + "b");
  ASSERT_FALSE(checkpoint);
  EXPECT_EQ(checkpoint.error().code, ErrorCode::Unsupported);
}

TEST(State, DictionariesThatShareEachOtherAreCounted) {
  std::string program = "}q" + std::string(1, '\0');
  for (int i = 0; i < 60; ++i) {
    const std::string before = std::string("h") + static_cast<char>(i);
    program += "}q" + std::string(1, static_cast<char>(i + 1)) + "(" + text("a") + before +
               text("b") + before + "u";
  }
  const auto checkpoint = flat(program);
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().message.find("more than 1000000 entries"), std::string::npos);
}

TEST(State, TensorsTogetherAreBounded) {
  const std::string program = dictionary({{"a", kTensor}, {"b", kTensor}, {"c", kTensor}});
  // Each with two numbers, a name kept twice, and what an entry takes.
  constexpr std::uint64_t kEach = 8 + 2 + 256;
  EXPECT_TRUE(flat(program, 3 * kEach));
  const auto checkpoint = flat(program, 3 * kEach - 1);
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().text().find("\"c\": its tensors take"), std::string::npos);
}

TEST(State, TextsThatAreUsedOftenAreBounded) {
  std::string program =
      "}(" + text("a") + text(std::string(3000, 'x')) + "q" + std::string(1, '\1');
  for (const char* key : {"b", "c", "d"}) program += text(key) + "h\1";
  const auto checkpoint = flat(program + text("net") + dictionary({{"w", kTensor}}) + "u");
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().text().find("\"d\": its tensors take"), std::string::npos);
}

TEST(State, AttributesThatModulesShareAreCounted) {
  std::string attributes = "}q\1(";
  for (int i = 0; i < 2000; ++i) attributes += "K\1N";
  attributes += "u0";
  std::string modules = "}(";
  for (int i = 0; i < 1000; ++i) {
    modules += text(std::to_string(i)) + pickled::global("torch.nn.modules.linear", "Linear") +
               ")\x81h\1b";
  }
  const auto checkpoint = flat(attributes + modules + "u");
  ASSERT_FALSE(checkpoint);
  EXPECT_NE(checkpoint.error().message.find("more than 1000000 entries"), std::string::npos);
}

TEST(State, ImpossibleShapesAreErrorsBeforeMemoryIsTaken) {
  for (const std::vector<std::int64_t>& sizes :
       {std::vector<std::int64_t>{std::int64_t{1} << 62, 16}, {-1}, {1 << 30, 1 << 30}}) {
    const std::string tensor =
        pickled::tensor({.storage_elements = 2, .sizes = sizes, .strides = sizes});
    EXPECT_EQ(flat(dictionary({{"w", tensor}})).error().code, ErrorCode::Parse);
  }
}

}  // namespace
}  // namespace sluice::importer::pytorch
