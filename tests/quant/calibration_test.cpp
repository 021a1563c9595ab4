// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/calibration.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "tests/quant/formats.hpp"
#include "tests/quant/net.hpp"

namespace sluice::quant {
namespace {

using numeric::AffineFormat;
using numeric::Range;
using numeric::Sharing;

const numeric::Format kChannel = AffineFormat{8, Sharing::Channel};

// x → relu → y, `channels` of one pixel.
struct ReluNet : NamedNet {
  ir::ValueId x, y;
  explicit ReluNet(std::int64_t channels = 2) {
    x = input("x", {1, channels});
    y = node("y", ir::Relu{}, {x}, {1, channels});
    graph.outputs = {y};
  }
};

Tensor row(const std::vector<float>& values) {
  return Tensor::from<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

using Batches = std::vector<std::vector<float>>;
using Expected = std::vector<Range>;

// The ranges of x after batches of x (y stays at 1).
Result<std::vector<Range>> ranges_of(const ReluNet& net, const numeric::Format& format,
                                     const Batches& batches,
                                     const CalibrationOptions& options = {}) {
  SL_TRY(auto calibrator, Calibrator::create(net.graph, format, options));
  for (const auto& batch : batches) {
    calibrator.add(net.x, row(batch));
    calibrator.add(net.y, row(std::vector<float>(batch.size(), 1.0F)));
    calibrator.end_batch();
  }
  SL_TRY(auto ranges, calibrator.ranges());
  return ranges.at(net.x);
}

TEST(Calibrator, KeepsTheLeastAndTheMost) {
  const auto ranges = ranges_of(ReluNet(), kLayer, {{-1, 2}, {-3, 1}});
  ASSERT_TRUE(ranges) << ranges.error().text();
  EXPECT_EQ(*ranges, (Expected{{-3, 2}}));
}
TEST(Calibrator, KeepsChannelsApart) {
  const auto ranges = ranges_of(ReluNet(), kChannel, {{-1, 2}, {-3, 1}});
  ASSERT_TRUE(ranges);
  EXPECT_EQ(*ranges, (Expected{{-3, 0}, {0, 2}}));
}
TEST(Calibrator, RangesAlwaysHoldZero) {
  for (const Compat compat : {Compat::None, Compat::Fpgaconvnet}) {
    const auto ranges = ranges_of(ReluNet(), kLayer, {{3, 5}}, {.compat = compat});
    ASSERT_TRUE(ranges);
    EXPECT_EQ(*ranges, (Expected{{0, 5}}));
  }
}
TEST(Calibrator, ANetworkHasOneRange) {
  const ReluNet net;
  auto calibrator = Calibrator::create(net.graph, kNetwork);
  ASSERT_TRUE(calibrator);
  calibrator->add(net.x, row({-4, 1}));
  calibrator->add(net.y, row({0, 7}));
  calibrator->end_batch();
  const auto ranges = calibrator->ranges();
  ASSERT_TRUE(ranges);
  EXPECT_EQ(ranges->at(net.x), (Expected{{-4, 7}}));
  EXPECT_EQ(ranges->at(net.y), (Expected{{-4, 7}}));
}
TEST(Calibrator, OnlyFpgaconvnetGrowsInRoundedSteps) {
  const float first = 0x1.5b9054p+1F;
  const float second = 0x1.d56edap+3F;
  const float drifted = first + (-first + second);
  ASSERT_NE(drifted, second) << "the two are not apart: choose others";
  const Batches batches{{first, 0}, {second, 0}};
  const auto clean = ranges_of(ReluNet(), kLayer, batches);
  const auto compat = ranges_of(ReluNet(), kLayer, batches, {.compat = Compat::Fpgaconvnet});
  ASSERT_TRUE(clean && compat);
  EXPECT_EQ(clean->front().max, second);
  EXPECT_EQ(compat->front().max, drifted);
}
TEST(Calibrator, OnlyFpgaconvnetForgetsASingleChannelAtEachBatch) {
  const Batches batches{{9}, {2}};
  const auto max_of = [&](const numeric::Format& format, Compat compat) {
    const auto ranges = ranges_of(ReluNet(1), format, batches, {.compat = compat});
    return ranges ? ranges->front().max : -1;
  };
  EXPECT_EQ(max_of(kChannel, Compat::Fpgaconvnet), 2);
  EXPECT_EQ(max_of(kChannel, Compat::None), 9);
  EXPECT_EQ(max_of(kLayer, Compat::Fpgaconvnet), 9);
}
TEST(Calibrator, TheOrderOfABatchsImagesIsNoMatter) {
  const std::vector<float> images{0x1.5b9054p+1F, 0x1.d56edap+3F, -7, 0.1F};
  const auto range_of = [&](const std::vector<std::size_t>& order) {
    const ReluNet net(1);
    auto calibrator = *Calibrator::create(net.graph, kLayer, {.compat = Compat::Fpgaconvnet});
    for (const std::size_t i : order) {
      calibrator.add(net.x, row({images[i]}));
      calibrator.add(net.y, row({images[i]}));
    }
    calibrator.end_batch();
    return calibrator.ranges()->at(net.x);
  };
  EXPECT_EQ(range_of({0, 1, 2, 3}), range_of({1, 3, 0, 2}));
  EXPECT_EQ(range_of({0, 1, 2, 3}), (Expected{{-7, 0x1.d56edap+3F}}));
}
TEST(Calibrator, OnlyACompleteBatchCounts) {
  const ReluNet net;
  auto calibrator = Calibrator::create(net.graph, kLayer);
  ASSERT_TRUE(calibrator);
  calibrator->add(net.x, row({1, 2}));
  calibrator->add(net.y, row({1, 2}));
  EXPECT_FALSE(calibrator->ranges());
}
TEST(Calibrator, TakesBatchesOfAnySize) {
  const ReluNet net;
  auto calibrator = Calibrator::create(net.graph, kChannel);
  ASSERT_TRUE(calibrator);
  calibrator->add(net.x, Tensor::from<float>({3, 2}, {1, -1, 2, -2, 3, -3}));
  calibrator->add(net.y, row({5, 6}));
  calibrator->end_batch();
  const auto ranges = calibrator->ranges();
  ASSERT_TRUE(ranges);
  EXPECT_EQ(ranges->at(net.x), (Expected{{0, 3}, {-3, 0}}));
}
TEST(Calibrator, EveryMethodStaysWithinWhatWasSeen) {
  Batches batches(1);
  for (int i = 0; i < 500; ++i) batches[0].push_back(static_cast<float>(i % 50) * 0.01F - 0.1F);
  batches[0].push_back(30);
  const ReluNet net(501);
  for (const RangeMethod method :
       {RangeMethod::Percentile, RangeMethod::LeastError, RangeMethod::LeastDivergence}) {
    const auto ranges = ranges_of(net, kLayer, batches, {.method = method, .percent = 99});
    ASSERT_TRUE(ranges);
    EXPECT_LE(ranges->front().max, 30) << to_string(method);
    EXPECT_GE(ranges->front().min, -0.1F) << to_string(method);
    EXPECT_GT(ranges->front().max, 0.3F) << to_string(method);
  }
}
TEST(Calibrator, PercentileOfANetworkIsThatOfAllItsValues) {
  const ReluNet net(100);
  const std::vector<float> ones(100, 1.0F);
  std::vector<float> rare = ones;
  rare[7] = 64;  // 1 of 200 values: half a percent
  auto calibrator =
      Calibrator::create(net.graph, kNetwork, {.method = RangeMethod::Percentile, .percent = 99.4});
  ASSERT_TRUE(calibrator);
  calibrator->add(net.x, row(rare));
  calibrator->add(net.y, row(ones));
  calibrator->end_batch();
  const auto ranges = calibrator->ranges();
  ASSERT_TRUE(ranges);
  EXPECT_LT(ranges->at(net.x).front().max, 1.1F);
}
TEST(Calibrator, QFormatsClipWhereThatBeatsHalfTheResolution) {
  std::vector<float> values(2000);
  for (int i = 0; i < 2000; ++i) {
    values[static_cast<std::size_t>(i)] = 0.9F - 0.0001F * static_cast<float>(i % 90);
  }
  values.push_back(1.1F);
  const ReluNet net(2001);
  const auto ranges = ranges_of(net, numeric::FixedFormat{.bits = 8}, {values},
                                {.method = RangeMethod::LeastError});
  ASSERT_TRUE(ranges);
  EXPECT_LT(ranges->front().max, 127.5F / 128);
}
TEST(Calibrator, RefusesInfinitiesAndNan) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const auto ranges = ranges_of(ReluNet(), kLayer, {{1, 2}, {bad, 3}});
    ASSERT_FALSE(ranges);
    EXPECT_EQ(ranges.error().where, "activation \"x\"");
  }
}
TEST(Calibrator, RefusesARangeTooWideForFloats) {
  const auto ranges = ranges_of(ReluNet(), kLayer, {{-3e38F, 3e38F}});
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().where, "activation \"x\"");
}
TEST(Calibrator, RefusesToGuessWithoutData) {
  const auto ranges = ranges_of(ReluNet(), kLayer, {});
  ASSERT_FALSE(ranges);
  EXPECT_NE(ranges.error().text().find("at least one batch"), std::string::npos);
}
TEST(Calibrator, KnowsConstantsWithoutRunning) {
  NamedNet net;
  const auto c = net.constant("c", {1, 2}, {-2, 5});
  const auto y = net.node("y", ir::Relu{}, {c}, {1, 2});
  net.graph.outputs = {y};
  auto calibrator = Calibrator::create(net.graph, kLayer);
  ASSERT_TRUE(calibrator);
  calibrator->add(y, row({0, 5}));
  calibrator->end_batch();
  const auto ranges = calibrator->ranges();
  ASSERT_TRUE(ranges) << ranges.error().text();
  EXPECT_EQ(ranges->at(c), (Expected{{-2, 5}}));
}
TEST(Calibrator, RefusesOptionsThatDoNotGoTogether) {
  const ReluNet net;
  EXPECT_FALSE(Calibrator::create(
      net.graph, kLayer, {.method = RangeMethod::LeastError, .compat = Compat::Fpgaconvnet}));
  EXPECT_FALSE(Calibrator::create(net.graph, kLayer, {.percent = 101}));
  EXPECT_FALSE(Calibrator::create(net.graph, kLayer, {.percent = 50}));
}
TEST(Calibrator, WatchesNothingForFormatsWithoutRanges) {
  const ReluNet net;
  const auto calibrator = Calibrator::create(net.graph, numeric::BlockFormat{});
  ASSERT_TRUE(calibrator);
  EXPECT_TRUE(calibrator->observer().values.empty());
  const auto ranges = calibrator->ranges();
  ASSERT_TRUE(ranges);
  EXPECT_TRUE(ranges->empty());
}

TEST(RangeMethod, HasNames) {
  for (const char* name : {"minmax", "percentile", "mse", "kl"}) {
    const auto method = range_method_from_string(name);
    ASSERT_TRUE(method) << name;
    EXPECT_EQ(to_string(*method), name);
  }
  const auto unknown = range_method_from_string("min-max");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().text().find("did you mean \"minmax\""), std::string::npos);
}

// Reports its input as x and as y.
class Echo final : public runtime::Executor {
 public:
  explicit Echo(const ReluNet& net) : x_(net.x), y_(net.y) {}
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs,
                                  const runtime::Observer* observer) override {
    observer->on_value(x_, 0, inputs[0]);
    observer->on_value(y_, 0, inputs[0]);
    return std::vector<Tensor>{inputs[0]};
  }
  std::size_t peak_bytes() const override { return 0; }

 private:
  ir::ValueId x_, y_;
};

TEST(Calibrate, RunsEveryBatchInOrder) {
  const ReluNet net;
  Echo echo(net);
  const Batches batches{{-1, 2}, {-3, 1}, {0, 8}};
  std::size_t next = 0;
  const BatchSource source = [&]() -> Result<std::vector<Tensor>> {
    if (next == batches.size()) return std::vector<Tensor>{};
    return std::vector<Tensor>{row(batches[next++])};
  };
  const auto ranges = calibrate(net.graph, kLayer, echo, source);
  ASSERT_TRUE(ranges) << ranges.error().text();
  EXPECT_EQ(next, 3U);
  EXPECT_EQ(ranges->at(net.x), (Expected{{-3, 8}}));
}
TEST(Calibrate, PassesOnTheErrorOfTheData) {
  const ReluNet net;
  Echo echo(net);
  const BatchSource source = []() -> Result<std::vector<Tensor>> {
    return Error{ErrorCode::Io, "no such file", "cat.jpg"};
  };
  const auto ranges = calibrate(net.graph, kLayer, echo, source);
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().where, "cat.jpg");
}

}  // namespace
}  // namespace sluice::quant
