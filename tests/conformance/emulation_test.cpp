// SPDX-License-Identifier: Apache-2.0
// Scales, zero points, codes, weights and calibration against the published system's, bit for bit.
#include <gtest/gtest.h>

#include "tests/conformance/emulation_golden.hpp"
#include "tests/quant/net.hpp"

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/snap.hpp"
#include "sluice/quant/calibration.hpp"
#include "sluice/quant/grids.hpp"

namespace sluice::quant {
namespace {

using numeric::AffineGrid;
using numeric::AffineParams;
using numeric::Range;
using test::EmulationGolden;
using test::floats;

TEST_F(EmulationGolden, ScalarsAreEqual) {
  const Json rows = load("quant_scalar.json");
  ASSERT_EQ(rows.size(), 110U);
  for (const Json& row : rows) {
    const int bits = row["bits"];
    const Range range{static_cast<float>(row["min"].get<double>()),
                      static_cast<float>(row["max"].get<double>())};
    const AffineParams params = numeric::affine_from_range(range, bits);
    EXPECT_EQ(params.scale, static_cast<float>(row["scale"].get<double>()));
    EXPECT_EQ(params.zero_point, static_cast<float>(row["zero_point"].get<double>()));
    std::vector<float> codes;
    std::vector<float> values;
    for (const float x : floats(row["x"])) {
      codes.push_back(numeric::affine_code(x, params, bits));
      values.push_back(numeric::affine_snap(x, params, bits));
    }
    EXPECT_EQ(test::mismatches(codes, floats(row["q"])), 0) << row;
    EXPECT_EQ(test::mismatches(values, floats(row["dq"])), 0) << row;
  }
}

Tensor snapped(const numeric::Grid& grid, const Tensor& x) {
  Tensor y(DType::Float32, x.shape());
  numeric::snap(grid, x.shape(), x.data<float>(), y.mutable_data<float>());
  return y;
}

void expect_grid(const numeric::Grid& grid, const Json& scale, const Json& zero_point) {
  const auto& affine = std::get<AffineGrid>(grid);
  EXPECT_EQ(affine.scale, floats(scale));
  EXPECT_EQ(affine.zero_point, floats(zero_point));
}

TEST_F(EmulationGolden, WeightsAreEqual) {
  const Json rows = load("quant_weights.json");
  ASSERT_EQ(rows.size(), 25U);
  for (const Json& row : rows) {
    const bool is_transposed = row.contains("layer");  // ConvTranspose2d
    const Weight weight = is_transposed ? Weight{1, 1, 0} : Weight{1, 0, 1};
    const Range network{static_cast<float>(row.value("network_min", 0.0)),
                        static_cast<float>(row.value("network_max", 0.0))};
    const Tensor w = test::tensor(row["w"]);
    const auto grid =
        weight_grid(test::published_format(row["mode"], row["bits"]), w, weight, network);
    ASSERT_TRUE(grid) << grid.error().text();
    expect_grid(*grid, row["scale"], row["zero_point"]);
    EXPECT_EQ(test::mismatches(snapped(*grid, w), test::tensor(row["w_quantized"])), 0);
  }
}

TEST_F(EmulationGolden, CalibrationIsEqual) {
  const Json rows = load("calibration.json");
  ASSERT_EQ(rows.size(), 120U);
  for (const Json& row : rows) {
    const auto format = test::published_format(row["mode"], row["bits"]);
    NamedNet net;
    const Tensor x = test::tensor(row["x"]);
    const auto input = net.input("x", x.shape());
    const auto output = net.node("y", ir::Relu{}, {input}, x.shape());
    auto calibrator = Calibrator::create(net.graph, format, {.compat = Compat::Fpgaconvnet});
    ASSERT_TRUE(calibrator);
    Result<Ranges> ranges = Ranges{};
    for (std::size_t b = 0; b < row["batches"].size(); ++b) {
      const Tensor batch = test::tensor(row["batches"][b]);
      calibrator->add(input, batch);
      calibrator->add(output, batch);
      calibrator->end_batch();
      ranges = calibrator->ranges();
      ASSERT_TRUE(ranges) << ranges.error().text();
      std::vector<float> min;
      std::vector<float> max;
      for (const Range& range : ranges->at(input)) {
        min.push_back(range.min);
        max.push_back(range.max);
      }
      EXPECT_EQ(min, floats(row["after_batch"][b]["min"]));
      EXPECT_EQ(max, floats(row["after_batch"][b]["max"]));
    }
    const auto grid = activation_grid(format, ranges->at(input), x.shape());
    ASSERT_TRUE(grid) << grid.error().text();
    expect_grid(*grid, row["scale"], row["zero_point"]);
    EXPECT_EQ(test::mismatches(snapped(*grid, x), test::tensor(row["y"])), 0);
  }
}

}  // namespace
}  // namespace sluice::quant
