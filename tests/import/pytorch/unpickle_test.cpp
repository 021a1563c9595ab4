// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/unpickle.hpp"

#include <gtest/gtest.h>
#include <string>

#include "tests/support/pickle_builder.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::importer::pytorch {
namespace {

using pickled::global;
using pickled::text;
using pickled::whole;

Result<Pickle> pickle_of(const std::string& bytes) {
  return unpickle(std::as_bytes(std::span(bytes)));
}

// The root of a pickle that must be good; the bytes are kept, because texts are views of them.
struct Good {
  explicit Good(std::string program) : bytes(std::move(program)), pickle(pickle_of(bytes)) {
    EXPECT_TRUE(pickle) << pickle.error().text();
  }
  template <class T>
  const T& root() const {
    return std::get<T>((*pickle)[pickle->root]);
  }
  std::string bytes;
  Result<Pickle> pickle;
};

std::string refusal(const std::string& bytes) {
  const auto pickle = pickle_of(bytes);
  return pickle ? "it was taken" : pickle.error().text();
}

void expect_refused(const std::string& bytes, const std::string& part) {
  const std::string words = refusal(bytes);
  EXPECT_NE(words.find(part), std::string::npos) << words;
}

TEST(Unpickle, NumbersOfAllKindsAreRead) {
  EXPECT_EQ(Good("K\xff.").root<std::int64_t>(), 255);
  EXPECT_EQ(Good("M\xff\xff.").root<std::int64_t>(), 65535);
  EXPECT_EQ(Good("J\xfe\xff\xff\xff.").root<std::int64_t>(), -2);
  EXPECT_EQ(Good("I-12\n.").root<std::int64_t>(), -12);
  EXPECT_EQ(Good("L34L\n.").root<std::int64_t>(), 34);
  EXPECT_EQ(Good("\x8a\x01\x80.").root<std::int64_t>(), -128);
  EXPECT_EQ(Good(std::string("\x8a\x00.", 3)).root<std::int64_t>(), 0);
  EXPECT_EQ(Good(std::string("\x8b\x02\x00\x00\x00\x00\x01.", 8)).root<std::int64_t>(), 256);
  EXPECT_EQ(Good("F1.5\n.").root<double>(), 1.5);
  EXPECT_EQ(Good(std::string("G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 10)).root<double>(), 1.5);
  EXPECT_TRUE(Good("\x88.").root<bool>());
  EXPECT_FALSE(Good("I00\n.").root<bool>());
}

TEST(Unpickle, AnIntegerBeyond64BitsKeepsItsBytes) {
  EXPECT_EQ(Good("\x8a\x0aqwertzuiop.").root<LongInteger>().bytes, "qwertzuiop");
}

TEST(Unpickle, TextsOfAllKindsAreRead) {
  for (const std::string& program :
       {std::string("U\x02hi."), std::string("\x8c\x02hi."), std::string("S'hi'\n."),
        std::string("Vhi\n."), whole(text("hi")), "T" + little_endian(2, 4) + "hi.",
        "\x8d" + little_endian(2, 8) + "hi."}) {
    EXPECT_EQ(Good(program).root<std::string_view>(), "hi");
  }
  EXPECT_EQ(Good("C\x02hi.").root<Binary>().bytes, "hi");
}

TEST(Unpickle, CollectionsAreFilledOneByOneOrFromAMark) {
  EXPECT_EQ(Good("]K\1aK\2a.").root<List>().items.size(), 2U);
  EXPECT_EQ(Good("](K\1K\2K\3e.").root<List>().items.size(), 3U);
  EXPECT_EQ(Good("(K\1K\2l.").root<List>().items.size(), 2U);
  EXPECT_EQ(Good("\x8f(K\1K\2\x90.").root<List>().items.size(), 2U);
  EXPECT_EQ(Good("(K\1K\2t.").root<Tuple>().items.size(), 2U);
  EXPECT_EQ(Good("K\1K\2K\3\x87.").root<Tuple>().items.size(), 3U);
  EXPECT_EQ(Good("}K\1K\2s.").root<Dictionary>().items.size(), 1U);
  EXPECT_EQ(Good("}(K\1K\2K\3K\4u.").root<Dictionary>().items.size(), 2U);
  EXPECT_EQ(Good("(K\1K\2d.").root<Dictionary>().items.size(), 1U);
}

TEST(Unpickle, WhatIsRememberedIsTheSameValue) {
  for (const char* program : {"]q\7K\1a0h\7.", "]p7\nK\1a0g7\n.", "]\x94K\1a0h."}) {
    std::string bytes = program;
    if (bytes.ends_with("h.")) bytes = bytes.substr(0, bytes.size() - 1) + std::string("\0.", 2);
    EXPECT_EQ(Good(bytes).root<List>().items.size(), 1U);
  }
}

TEST(Unpickle, AListInItselfIsOneValue) {
  const Good good("]q\1h\1a.");
  EXPECT_EQ(good.root<List>().items[0], good.pickle->root);
}

TEST(Unpickle, ProtocolsUpTo5AreReadWithTheirFrames) {
  EXPECT_EQ(Good("\x80\x04\x95" + little_endian(3, 8) + "K\1.").root<std::int64_t>(), 1);
  expect_refused("\x80\x06K\1.", "protocol 6");
}

TEST(Unpickle, TellsWhereAPickleEnds) {
  const std::string two = "K\1.K\2.";
  EXPECT_EQ(pickle_of(two)->size_bytes, 3U);
}

TEST(Unpickle, FunctionsOfPythonAreRefusedByNameAndPlace) {
  expect_refused(whole(global("os", "system") + text("id") + "\x85R"),
                 "byte 2: pickle opcode GLOBAL: asks for \"os.system\"");
  expect_refused("\x80\x04" + text("builtins") + text("eval") + "\x93.",
                 "byte 24: pickle opcode STACK_GLOBAL: asks for \"builtins.eval\"");
  for (const char* name : {"getattr", "eval", "exec", "__import__", "open", "object", "type"}) {
    expect_refused(whole(global("builtins", name)), name);
    expect_refused(whole(global("__builtin__", name)), name);
  }
  expect_refused(whole(global("torch._utils", "_rebuild_qtensor")), "_rebuild_qtensor");
  expect_refused(whole(global("torch", "load")), "torch.load");
  expect_refused(whole(global("torch.nn.modules.linear", "Linear.forward")), "Linear.forward");
}

TEST(Unpickle, ATextThatNamesAFunctionIsNoFunction) {
  expect_refused(whole(text("os.system") + "(" + text("id") + "tR"), "calls what is no function");
}

TEST(Unpickle, OpcodesThatBuildFromClassesAreRefused) {
  expect_refused("(ios\nsystem\n.", "pickle opcode INST");
  expect_refused("(" + global("collections", "OrderedDict") + "o.", "pickle opcode OBJ");
  expect_refused("\x82\x01.", "pickle opcode EXT1");
  expect_refused("Pid\n.", "pickle opcode PERSID");
  expect_refused("\x98.", "READONLY_BUFFER");
  expect_refused("\xff.", "0xff is no opcode");
}

TEST(Unpickle, ClaimsOfMemoryAreCheckedAgainstTheBytesThere) {
  expect_refused("\x8d" + little_endian(std::uint64_t{1} << 60, 8) + "x.", "too early");
  expect_refused("\x8e" + little_endian(~std::uint64_t{0}, 8) + "x.", "too early");
  expect_refused("\x8b" + little_endian(0x7fffffff, 4) + "x.", "too early");
  expect_refused("T" + little_endian(0xffffffffU, 4) + "x.", "too early");
}

TEST(Unpickle, AHugeIndexOfTheMemoTakesNoMemory) {
  EXPECT_EQ(Good("K\1r\xff\xff\xff\xff.").root<std::int64_t>(), 1);
  expect_refused("j\xff\xff\xff\xff.", "memo has no 4294967295");
}

TEST(Unpickle, TheStackAndTheValuesAreBounded) {
  expect_refused("K\1" + std::string(kMaxPickleValues, '2') + ".", "on its stack");
  expect_refused(std::string(kMaxPickleValues + 1, '(') + ".", "on its stack");
  std::string many;
  for (std::size_t i = 0; i <= kMaxPickleValues; ++i) many += "N0";
  expect_refused(many + "N.", "values");
}

TEST(Unpickle, ListsOfListsOfListsStaySmall) {
  // Each list holds the one before ten times: 10^40 elements if they were copied.
  std::string bytes = "K\1q";
  bytes += '\0';
  for (int i = 0; i < 40; ++i) {
    bytes += "](";
    for (int j = 0; j < 10; ++j) bytes += std::string("h") + static_cast<char>(i);
    bytes += std::string("eq") + static_cast<char>(i + 1);
  }
  EXPECT_LT(Good(bytes + ".").pickle->values.size(), 100U);
}

TEST(Unpickle, TakingMoreThanThereIsIsAnError) {
  for (const char* program : {".", "0.", "R.", "a.", "]a.", "s.", "}K\1s.", "u.", "e.", "t.", "1.",
                              "b.", "Q.", "\x81.", "\x85.", "2.", "q\1.", "\x94.", "\x93."}) {
    expect_refused(program, "malformed");
  }
}

TEST(Unpickle, AMarkIsAFloor) {
  expect_refused("]K\1(a.", "takes a value where there is none");
}

TEST(Unpickle, WrongTypesAreErrors) {
  expect_refused("K\1K\2a.", "something else for a list");
  expect_refused("]K\1K\2s.", "something else for a dictionary");
  expect_refused("}(K\1u.", "key without a value");
  expect_refused("K\1K\2\x93.", "name is no text");
}

TEST(Unpickle, EveryTruncationIsAnError) {
  const std::string bytes = whole(pickled::dictionary(
      {{"w", pickled::tensor({.storage_elements = 4, .sizes = {2, 2}, .strides = {2, 1}})}}));
  ASSERT_TRUE(pickle_of(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(pickle_of(bytes.substr(0, size))) << size;
  }
}

TEST(Unpickle, RandomBytesNeverCrash) {
  Rng rng(1);
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(1 + rng.below(40), '\0');
    for (char& byte : bytes) byte = static_cast<char>(rng.next());
    taken += pickle_of(bytes) ? 1 : 0;
  }
  EXPECT_LT(taken, 1000);
}

}  // namespace
}  // namespace sluice::importer::pytorch
