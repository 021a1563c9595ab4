// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/globals.hpp"

#include <gtest/gtest.h>

namespace sluice::importer::pytorch {
namespace {

TEST(Globals, WhatStateDictsNeedIsOnTheList) {
  EXPECT_EQ(find_global("collections", "OrderedDict")->kind, GlobalKind::Dictionary);
  EXPECT_EQ(find_global("torch._utils", "_rebuild_tensor_v2")->kind, GlobalKind::RebuildTensor);
  EXPECT_EQ(find_global("torch._utils", "_rebuild_parameter")->kind, GlobalKind::RebuildParameter);
  EXPECT_EQ(find_global("torch", "Size")->kind, GlobalKind::Size);
}

TEST(Globals, StoragesHaveTheirElementTypes) {
  EXPECT_EQ(find_global("torch", "FloatStorage")->dtype, DType::Float32);
  EXPECT_EQ(find_global("torch", "LongStorage")->dtype, DType::Int64);
  EXPECT_EQ(find_global("torch", "CharStorage")->dtype, DType::Int8);
  EXPECT_EQ(find_global("torch", "BFloat16Storage")->dtype, DType::BFloat16);
}

TEST(Globals, TheFifteenNamesOfUpstreamsWholeModulesAreOnTheList) {
  for (const char* name : {"DiracDeltaNet", "DiracDeltaBlock", "QuantConv_init", "QuantLinear_init",
                           "ActQuant_init", "ActQuant_init_fixed", "Shift3x3"}) {
    ASSERT_NE(find_global("models.diracdeltanet", name), nullptr) << name;
    EXPECT_EQ(find_global("models.diracdeltanet", name)->kind, GlobalKind::Module);
  }
  EXPECT_NE(find_global("torch.nn.modules.batchnorm", "BatchNorm2d"), nullptr);
  EXPECT_NE(find_global("torch.nn.modules.container", "Sequential"), nullptr);
  EXPECT_NE(find_global("builtins", "set"), nullptr);
}

TEST(Globals, NothingElseIs) {
  EXPECT_EQ(find_global("os", "system"), nullptr);
  EXPECT_EQ(find_global("builtins", "getattr"), nullptr);
  EXPECT_EQ(find_global("torch", "load"), nullptr);
  EXPECT_EQ(find_global("collections", "OrderedDict.fromkeys"), nullptr);
  EXPECT_EQ(find_global("Collections", "OrderedDict"), nullptr);
  EXPECT_EQ(find_global("", ""), nullptr);
}

}  // namespace
}  // namespace sluice::importer::pytorch
