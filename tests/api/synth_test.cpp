// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/synth.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/quantize.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/threads.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The digits network on codes, and a program that counts how often it is asked and finds `cells` in
// every module.
class SynthTest : public testing::Test {
 protected:
  void SetUp() override {
    const Builtin builtin = *builtin_digits();
    QuantizeOptions quantizing;
    quantizing.model = builtin.model;
    quantizing.data = builtin.calibration;
    quantizing.preprocess = "mnist";
    quantizing.format = *quant::parse_integer_format("q8");
    quantizing.images = 16;
    quantizing.quiet = true;
    quantizing.output = folder_.path() / "q8.onnx";
    ASSERT_TRUE(quantize(quantizing));
    options_.model = quantizing.output;
    options_.yosys = fake(
        "echo '{\"design\": {\"num_cells_by_type\": {\"LUT6\": 3, \"FDRE\": 2, "
        "\"DSP48E1\": 1, \"RAMB36E1\": 1}}}' >\"${3%.ys}.json\"");
  }

  std::string fake(const std::string& script) {
    const auto path =
        folder_.write("fake_yosys",
                      "#!/bin/sh\nif [ \"$1\" = -V ]; then echo 'Yosys 9.9 (fake)'; exit 0; fi\n"
                      "echo \"$3\" >>" +
                          (folder_.path() / "asked").string() + "\n" + script + "\n");
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  // How often the program was asked.
  [[nodiscard]] std::size_t asked() const {
    const auto file = MappedFile::open(folder_.path() / "asked");
    return file ? static_cast<std::size_t>(std::ranges::count(file->text(), '\n')) : 0;
  }

  SynthReport run() const {
    auto report = synthesize(options_);
    EXPECT_TRUE(report) << report.error().text();
    return report ? *std::move(report) : SynthReport{};
  }

  const TempFolder folder_;
  SynthOptions options_;
};

TEST_F(SynthTest, EveryInstanceIsCountedInItsLayerAndInTheWhole) {
  const SynthReport report = run();
  std::int64_t instances = 0;
  synth::Usage sum;
  for (const SynthLayer& layer : report.layers) {
    const auto count = static_cast<std::int64_t>(layer.instances.size());
    instances += count;
    EXPECT_EQ(layer.usage,
              (synth::Usage{.lut = 3 * count, .ff = 2 * count, .dsp = count, .bram = 2 * count}))
        << layer.name;
    sum += layer.usage;
  }
  EXPECT_GT(instances, 30);
  EXPECT_EQ(report.usage, sum);
  EXPECT_EQ(report.usage.dsp, instances);
  EXPECT_EQ(report.yosys, "Yosys 9.9 (fake)");
}

TEST_F(SynthTest, TheModelIsTheEstimateOfEachLayer) {
  const SynthReport report = run();
  hw::Resources sum;
  for (const SynthLayer& layer : report.layers) sum += layer.model;
  EXPECT_EQ(report.model, sum);
  EXPECT_GT(report.model.lut, 1000);
  EXPECT_GT(report.model.dsp, 0);
}

TEST_F(SynthTest, InstancesOfTheSameParametersAreSynthesizedOnce) {
  const SynthReport report = run();
  std::size_t instances = 0;
  for (const SynthLayer& layer : report.layers) instances += layer.instances.size();
  EXPECT_EQ(asked(), static_cast<std::size_t>(report.distinct));
  EXPECT_LT(asked(), instances);
}

TEST_F(SynthTest, AKeptFolderIsNotSynthesizedAgain) {
  options_.output = folder_.path() / "out";
  const SynthReport first = run();
  const std::size_t before = asked();
  const SynthReport second = run();
  EXPECT_EQ(asked(), before);
  EXPECT_EQ(first.recalled, 0);
  EXPECT_EQ(second.recalled, second.distinct);
  EXPECT_EQ(dump_json(to_json(first)), dump_json(to_json(second)));
  EXPECT_TRUE(fs::exists(options_.output / "rtl/files.f"));
}

TEST_F(SynthTest, WhatIsLackingIsSynthesizedAlone) {
  options_.output = folder_.path() / "out";
  run();
  const std::size_t before = asked();
  fs::remove(*fs::directory_iterator(options_.output / "cells"));
  const SynthReport report = run();
  EXPECT_EQ(asked(), before + 1);
  EXPECT_EQ(report.recalled, report.distinct - 1);
}

TEST_F(SynthTest, AnotherFamilyIsAnotherSynthesis) {
  options_.output = folder_.path() / "out";
  run();
  options_.family = synth::Family::Ecp5;
  const auto report = synthesize(options_);
  ASSERT_FALSE(report);  // its cells are those of another family
  EXPECT_EQ(report.error().code, ErrorCode::External);
  EXPECT_THAT(report.error().text(), HasSubstr("not known"));
}

TEST_F(SynthTest, TheReportIsTheSameAtAnyNumberOfThreads) {
  const int before = num_threads();
  set_num_threads(1);
  const std::string one = dump_json(to_json(run()));
  set_num_threads(4);
  const std::string four = dump_json(to_json(run()));
  set_num_threads(before);
  EXPECT_EQ(one, four);
}

TEST_F(SynthTest, AModuleThatIsRefusedIsNamedAndEndsIt) {
  options_.yosys = fake("echo 'ERROR: no mapping' >&2; exit 1");
  const int before = num_threads();
  set_num_threads(1);
  const auto report = synthesize(options_);
  set_num_threads(before);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::External);
  EXPECT_THAT(report.error().text(), HasSubstr("refuses it: no mapping"));
  EXPECT_THAT(report.error().text(), HasSubstr("l00_"));
  EXPECT_EQ(asked(), 1U);
}

TEST_F(SynthTest, CtrlCEndsItAndWhatWasDoneIsKept) {
  options_.output = folder_.path() / "out";
  run();
  fs::remove(*fs::directory_iterator(options_.output / "cells"));
  request_interrupt();
  const auto report = synthesize(options_);
  clear_interrupt();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Interrupted);
  EXPECT_FALSE(fs::is_empty(options_.output / "cells"));
}

TEST_F(SynthTest, ANetworkThatIsNotQuantizedIsRefused) {
  options_.model = builtin_digits()->model;
  const auto report = synthesize(options_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
}

TEST_F(SynthTest, KindsAddTheirLayers) {
  const SynthReport report = run();
  const auto kinds = by_kind(report.layers);
  EXPECT_LT(kinds.size(), report.layers.size());
  synth::Usage sum;
  std::set<std::string> names;
  for (const SynthLayer& kind : kinds) {
    sum += kind.usage;
    EXPECT_TRUE(names.insert(kind.kind).second) << kind.kind;
  }
  EXPECT_EQ(sum, report.usage);
}

}  // namespace
}  // namespace sluice::api
