// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/rescale.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/netlist_model.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::Requantizer;
using test::number;
using test::parameter;
using testing::HasSubstr;

constexpr std::int64_t kSums = 1000;  // from -1000 to 999

// A stream of sums of so many channels, and what a requantizer makes of it.
class RescaleSite {
 public:
  explicit RescaleSite(std::int64_t channels, std::int64_t lanes = 1) : channels_(channels) {
    netlist_.name = "test";
    netlist_.streams.push_back({"sums", lanes, {11, true}, 2 * kSums * channels / lanes});
    netlist_.inputs.push_back({"x", "", 0});
  }

  Site& site() { return site_; }
  [[nodiscard]] const Instance& instance() {
    site_.finish("");
    return netlist_.blocks.back().instances.back();
  }
  [[nodiscard]] const Netlist& netlist() const { return netlist_; }

  // The codes of all sums of each channel.
  std::vector<std::int64_t> codes() {
    std::vector<std::int64_t> sums;
    for (std::int64_t sum = -kSums; sum < kSums; ++sum)
      sums.insert(sums.end(), static_cast<std::size_t>(channels_), sum);
    return test::NetlistModel(netlist_).run({sums}).back();
  }

 private:
  std::int64_t channels_;
  ir::Graph network_;
  Tensors tensors_{network_};
  hw::Node layer_;
  Netlist netlist_;
  Site site_{netlist_, tensors_, layer_, "l0"};
};

const Codes kInt8Codes{DType::Int8, {8, true}, {-128, 127}, 1, 0};

Requantizer requantizer(Arithmetic arithmetic, float factor, std::int64_t zero_point = 0) {
  const auto by = numeric::make_requantizer(arithmetic, {factor, 1, 1}, zero_point, {-128, 127});
  EXPECT_TRUE(by) << by.error().text();
  return *by;
}

std::vector<numeric::CodeRange> ranges_of(std::int64_t channels) {
  return std::vector<numeric::CodeRange>(static_cast<std::size_t>(channels), {-kSums, kSums - 1});
}

std::int64_t code_of(const Requantizer& by, std::int64_t sum) {
  return numeric::is_shift(by.arithmetic) ? numeric::requantize_wide(sum, by)
                                          : numeric::requantize(static_cast<std::int32_t>(sum), by);
}

// Of the netlist's last stream, channel by channel.
void expect_codes(RescaleSite& made, const std::vector<Requantizer>& by, std::int64_t channels) {
  const auto codes = made.codes();
  ASSERT_EQ(codes.size(), static_cast<std::size_t>(2 * kSums * channels));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto m = static_cast<std::int64_t>(i) % channels;
    const Requantizer& each = by[by.size() == 1 ? 0 : static_cast<std::size_t>(m)];
    const std::int64_t sum = static_cast<std::int64_t>(i) / channels - kSums;
    ASSERT_EQ(codes[i], code_of(each, sum)) << "channel " << m << ", sum " << sum;
  }
}

TEST(AddRequantizer, HasOneEntryForAllChannelsThatAreAlike) {
  RescaleSite made(6, 2);
  const std::vector by{requantizer(Arithmetic::TfliteDouble, 0.0873F, 5)};
  ASSERT_TRUE(add_requantizer(made.site(), 0, kInt8Codes, by, ranges_of(6)));
  EXPECT_EQ(made.instance().module, "sl_requantize");
  EXPECT_EQ(number(made.instance(), "Depth"), 1);
  expect_codes(made, by, 6);
}

TEST(AddRequantizer, HasAnEntryAChannelWhereTheyDiffer) {
  for (const std::int64_t lanes : {1, 2, 3, 6}) {
    RescaleSite made(6, lanes);
    std::vector<Requantizer> by;
    by.reserve(6);
    Rng rng(1);
    for (int m = 0; m < 6; ++m) {
      by.push_back(
          requantizer(Arithmetic::TfliteSingle, static_cast<float>(rng.real(0.05, 0.3)), -9));
    }
    ASSERT_TRUE(add_requantizer(made.site(), 0, kInt8Codes, by, ranges_of(6)));
    EXPECT_EQ(number(made.instance(), "Depth"), 6 / lanes);
    expect_codes(made, by, 6);
  }
}

TEST(AddRequantizer, MeetsEveryArithmeticOrRefusesIt) {
  int num_made = 0;
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::TfliteFloat64,
        Arithmetic::Xnnpack, Arithmetic::OnnxRuntime, Arithmetic::Onnx}) {
    SCOPED_TRACE(to_string(arithmetic));
    // 0.25 has ties.
    for (const float factor : {0.0625F, 0.1F, 0.25F, 0.3F, 1.0F}) {
      RescaleSite made(1);
      const std::vector by{requantizer(arithmetic, factor, 3)};
      const auto codes = add_requantizer(made.site(), 0, kInt8Codes, by, ranges_of(1));
      if (!codes) {
        EXPECT_EQ(codes.error().code, ErrorCode::Unsupported);
        continue;
      }
      made.site().finish("");
      expect_codes(made, by, 1);
      ++num_made;
    }
  }
  EXPECT_GE(num_made, 20);
}

TEST(AddRequantizer, ShiftsWhereTheArithmeticDoes) {
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    RescaleSite made(4, 2);
    const std::vector by{requantizer(arithmetic, 0.125F, 2)};
    Codes y = kInt8Codes;
    y.zero_point = 2;
    ASSERT_TRUE(add_requantizer(made.site(), 0, y, by, {}));
    EXPECT_EQ(made.instance().module, "sl_shift_round");
    EXPECT_EQ(number(made.instance(), "Shift"), 3);
    EXPECT_EQ(number(made.instance(), "ShiftWidth"), 0);
    EXPECT_EQ(parameter(made.instance(), "File"), "");
    EXPECT_TRUE(made.netlist().memories.empty());
    expect_codes(made, by, 4);
  }
}

TEST(AddRequantizer, HasAShiftAChannelWhereTheyDiffer) {
  for (const std::int64_t lanes : {1, 2, 4}) {
    RescaleSite made(4, lanes);
    std::vector<Requantizer> by;
    for (const float factor : {0.5F, 0.125F, 1.0F, 0x1p-9F}) {
      by.push_back(requantizer(Arithmetic::ShiftHalfEven, factor));
    }
    ASSERT_TRUE(add_requantizer(made.site(), 0, kInt8Codes, by, {}));
    EXPECT_EQ(number(made.instance(), "Depth"), 4 / lanes);
    EXPECT_EQ(number(made.instance(), "ShiftWidth"), 4);
    expect_codes(made, by, 4);
  }
}

TEST(AddRequantizer, ShiftsNoFurtherThanSumsAreWide) {
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    RescaleSite made(1);
    const std::vector by{requantizer(arithmetic, 0x1p-40F)};
    ASSERT_TRUE(add_requantizer(made.site(), 0, kInt8Codes, by, {}));
    EXPECT_EQ(number(made.instance(), "Shift"), 12);
    expect_codes(made, by, 1);
  }
}

TEST(AddRequantizer, RefusesToShiftUp) {
  RescaleSite made(1);
  const std::vector by{requantizer(Arithmetic::ShiftFloor, 4)};
  const auto codes = add_requantizer(made.site(), 0, kInt8Codes, by, {});
  ASSERT_FALSE(codes);
  EXPECT_EQ(codes.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(codes.error().text(), HasSubstr("its sums are coarser than the codes they become"));
}

TEST(AddScaler, LeavesOutAMultiplierOfOne) {
  RescaleSite made(1);
  const AccumulatorRule rule{
      [](std::int64_t x) { return std::clamp((x + 8) >> 4, std::int64_t{-7}, std::int64_t{7}); },
      -kSums, kSums - 1};
  ASSERT_TRUE(add_scaler(made.site(), 0, {4, true}, {&rule, 1}, {-7, 7}));
  const Instance& instance = made.instance();
  EXPECT_EQ(number(instance, "MultiplierWidth"), 0);
  EXPECT_EQ(number(instance, "Lowest"), -7);
  EXPECT_EQ(number(instance, "Highest"), 7);
  const auto codes = made.codes();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    ASSERT_EQ(codes[i], rule.code(static_cast<std::int64_t>(i) - kSums));
  }
}

TEST(AddScaler, HasTheNegativeOffsetOfABankThatBends) {
  RescaleSite made(2);
  const ScalerBank bank{.shift = 2,
                        .multiplier_bits = 3,
                        .offset_bits = 6,
                        .product_bits = 16,
                        .has_negative_offset = true,
                        .codes = {-128, 127},
                        .channels = {{3, 2, 1}, {2, -9, 17}}};
  const StreamId y = add_scaler(made.site(), 0, {8, true}, bank);
  EXPECT_EQ(made.site().stream(y).word, (WordType{8, true}));
  EXPECT_EQ(number(made.instance(), "HasNegative"), 1);
  const auto codes = made.codes();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::int64_t sum = static_cast<std::int64_t>(i / 2) - kSums;
    ASSERT_EQ(codes[i], bank.code(i % 2, sum)) << sum;
  }
}

// Halves to even: where sums hit them, no line has the codes without a window.
TEST(AddScaler, HasTheTieWindowsOfABankThatNeedsThem) {
  for (const std::int64_t lanes : {1, 2}) {
    RescaleSite made(2, lanes);
    const std::vector by{requantizer(Arithmetic::OnnxRuntime, 0.25F),
                         requantizer(Arithmetic::OnnxRuntime, 0.125F)};
    ASSERT_TRUE(add_requantizer(made.site(), 0, kInt8Codes, by, ranges_of(2)));
    EXPECT_EQ(number(made.instance(), "TieWidth"), number(made.instance(), "Shift") + 1);
    expect_codes(made, by, 2);
  }
}

}  // namespace
}  // namespace sluice::rtl
