// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/reduce.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"

namespace sluice::importer::pytorch {
namespace {

using pickled::global;
using pickled::integer;
using pickled::integers;
using pickled::text;
using pickled::tuple;
using pickled::whole;

// The root of what a program makes, with the bytes that it views.
struct Made {
  explicit Made(const std::string& program)
      : bytes(whole(program)), pickle(unpickle(std::as_bytes(std::span(bytes)))) {}
  template <class T>
  const T* root() const {
    return pickle ? pickle->as<T>(pickle->root) : nullptr;
  }
  std::string bytes;
  Result<Pickle> pickle;
};

std::string error_of(const std::string& program) {
  const Made made(program);
  return made.pickle ? "it was taken" : made.pickle.error().message;
}

std::string storage(const std::string& view = "") {
  return tuple({text("storage"), global("torch", "HalfStorage"), text("7"), text("cuda:0"),
                integer(100), view}) +
         "Q";
}

TEST(Reduce, ATensorIsItsStorageAndHowItLiesInIt) {
  const Made made(global("torch._utils", "_rebuild_tensor") +
                  tuple({storage(), integer(3), integers({4, 5}), integers({5, 1})}) + "R");
  const auto* const tensor = made.root<TensorRef>();
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->storage.dtype, DType::Float16);
  EXPECT_EQ(tensor->storage.key, "7");
  EXPECT_EQ(tensor->storage.num_elements, 100);
  EXPECT_EQ(tensor->offset, 3);
  EXPECT_EQ(tensor->sizes, (Shape{4, 5}));
  EXPECT_EQ(tensor->strides, (std::vector<std::int64_t>{5, 1}));
}

TEST(Reduce, AParameterIsItsTensor) {
  const Made made(global("torch._utils", "_rebuild_parameter") +
                  tuple({pickled::tensor({.storage_elements = 1, .sizes = {1}, .strides = {1}}),
                         "\x88", global("collections", "OrderedDict") + ")R"}) +
                  "R");
  EXPECT_NE(made.root<TensorRef>(), nullptr);
  EXPECT_EQ(error_of(global("torch._utils", "_rebuild_parameter") + "(K\1tR"),
            "pickle opcode REDUCE: a parameter is made of no tensor");
}

TEST(Reduce, ASizeIsATuple) {
  const Made made(global("torch", "Size") + "(" + integers({2, 3}) + "tR");
  ASSERT_NE(made.root<Tuple>(), nullptr);
  EXPECT_EQ(made.root<Tuple>()->items.size(), 2U);
}

TEST(Reduce, ADictionaryMayBeGivenAsPairs) {
  const Made lists(global("collections", "OrderedDict") + "((](" + text("a") + "K\1e](" +
                   text("b") + "K\2eltR");
  ASSERT_NE(lists.root<Dictionary>(), nullptr);
  EXPECT_EQ(lists.root<Dictionary>()->items.size(), 2U);
  const Made tuples(global("collections", "OrderedDict") + "((" + text("a") + "K\1\x86ltR");
  ASSERT_NE(tuples.root<Dictionary>(), nullptr);
  EXPECT_NE(error_of(global("collections", "OrderedDict") + "((K\1ltR").find("list of pairs"),
            std::string::npos);
}

TEST(Reduce, AListThatBecomesADictionaryAgainAndAgainIsBounded) {
  constexpr int kPairs = 100'000;
  std::string program = "]q\1(";
  for (int i = 0; i < kPairs; ++i) program += "NN\x86";
  program += "e0";
  for (int i = 0; i < 50; ++i) program += global("collections", "OrderedDict") + "(h\1tR0";
  EXPECT_NE(error_of(program + "N").find("more than 4194304 pairs"), std::string::npos);
}

TEST(Reduce, SizesBeyondTheRankOfTensorsAreErrors) {
  const std::string sizes = integers(std::vector<std::int64_t>(33, 1));
  EXPECT_NE(error_of(global("torch._utils", "_rebuild_tensor") +
                     tuple({storage(), integer(0), sizes, sizes}) + "R")
                .find("are too many"),
            std::string::npos);
}

TEST(Reduce, WhatSaysNothingHereIsLeftOut) {
  EXPECT_NE(Made(global("torch", "device") + "(" + text("cpu") + "tR").root<Inert>(), nullptr);
  EXPECT_NE(Made(global("numpy", "dtype") + "(" + text("f8") + "tR(Nt" + "b").root<Inert>(),
            nullptr);
}

TEST(Reduce, ClassesAreNotCalled) {
  EXPECT_NE(error_of(global("torch.nn.modules.linear", "Linear") + ")R").find("calls"),
            std::string::npos);
  EXPECT_NE(error_of(global("torch", "FloatStorage") + ")R").find("calls"), std::string::npos);
}

TEST(Reduce, AModuleKeepsItsAttributesAlone) {
  const Made made(pickled::module("torch.nn.modules.linear", "Linear",
                                  pickled::dictionary({{"in_features", "K\4"}})));
  ASSERT_NE(made.root<Module>(), nullptr);
  const auto* const attributes = made.pickle->as<Dictionary>(made.root<Module>()->attributes);
  ASSERT_NE(attributes, nullptr);
  EXPECT_EQ(attributes->items.size(), 1U);
  EXPECT_NE(error_of(global("torch.nn.modules.linear", "Linear") + ")\x81K\1b").find("attributes"),
            std::string::npos);
}

TEST(Reduce, OnlyModulesAreMadeByTheirClass) {
  EXPECT_NE(error_of(global("collections", "OrderedDict") + ")\x81").find("no class of modules"),
            std::string::npos);
  EXPECT_NE(error_of("K\1)\x81").find("no function"), std::string::npos);
}

TEST(Reduce, AttributesOfADictionaryAreLeftOut) {
  const Made made(global("collections", "OrderedDict") + ")R" +
                  pickled::dictionary({{"_metadata", "}"}}) + "b");
  ASSERT_NE(made.root<Dictionary>(), nullptr);
  EXPECT_TRUE(made.root<Dictionary>()->items.empty());
  EXPECT_NE(error_of("](K\1tb").find("sets the state"), std::string::npos);
}

TEST(Reduce, AStorageMayBeAViewOfAnother) {
  const std::string view = tuple({text("view"), integer(90), integer(10)});
  const Made made(storage(view));
  ASSERT_NE(made.root<StorageRef>(), nullptr);
  EXPECT_EQ(made.root<StorageRef>()->view_offset, 90);
  EXPECT_EQ(made.root<StorageRef>()->view_elements, 10);
  EXPECT_EQ(Made(storage("N")).root<StorageRef>()->view_elements, 100);
  EXPECT_NE(error_of(storage(tuple({text("view"), integer(91), integer(10)}))).find("beyond"),
            std::string::npos);
  EXPECT_NE(error_of(storage(tuple({text("view"), integer(-1), integer(1)}))).find("beyond"),
            std::string::npos);
}

TEST(Reduce, TheClassOfAModuleMayStandOutside) {
  const std::string of_class = global("torch.nn.modules.linear", "Linear");
  const Made made(tuple({text("module"), of_class, text("net.py"), text("import os")}) + "Q");
  EXPECT_NE(made.root<const AllowedGlobal*>(), nullptr);
  EXPECT_NE(error_of(tuple({text("module"), text("x")}) + "Q").find("refers to \"module\""),
            std::string::npos);
  EXPECT_NE(error_of(tuple({text("file"), text("x")}) + "Q").find("refers to \"file\""),
            std::string::npos);
}

TEST(Reduce, TensorsOfWrongPartsAreErrors) {
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  EXPECT_NE(error_of(rebuild + ")R").find("given too little"), std::string::npos);
  EXPECT_NE(error_of(rebuild + tuple({"K\1", "K\1", ")", ")"}) + "R").find("no storage"),
            std::string::npos);
  EXPECT_NE(error_of(rebuild + tuple({storage(), integer(0), "]", ")"}) + "R").find("tuple"),
            std::string::npos);
  EXPECT_NE(error_of(rebuild + tuple({storage(), "K\1", "(Nt", ")"}) + "R").find("no integers"),
            std::string::npos);
  EXPECT_NE(error_of(tuple({text("storage"), "N", "N", "N", "N"}) + "Q").find("a storage has no"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::importer::pytorch
