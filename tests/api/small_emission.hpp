// SPDX-License-Identifier: Apache-2.0
// A file with a small network of codes that can be emitted: a convolution, a residual sum, a mean.
#pragma once

#include <filesystem>

#include "tests/support/quantized_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/emit.hpp"
#include "sluice/export/sluice.hpp"

namespace sluice::api {

inline ir::Graph small_network(std::uint64_t seed = 1) {
  test::QuantizedNet net(seed, numeric::Arithmetic::TfliteSingle);
  const ir::ValueId x = net.input({1, 2, 5, 5});
  const ir::ValueId weights = net.weights_per_channel({2, 2, 3, 3}, DType::Int8, 0, false);
  const ir::ValueId bias = net.bias({2}, x, weights);
  const ir::ValueId conv = net.add(ir::Conv{.window = {.pads = {1, 1, 1, 1}}}, {x, weights, bias},
                                   net.grid_after(x, weights, 18));
  const ir::ValueId sum = net.add(ir::Add{}, {conv, x}, net.grid());
  return net.finish({net.add(ir::ReduceMean{}, {sum, net.integers({2, 3})}, net.grid())});
}

inline EmitOptions small_emission(const TempFolder& folder, std::uint64_t seed = 1) {
  const auto model = folder.path() / "tiny.sluice";
  const Status written = exporter::write_sluice(small_network(seed), model);
  EXPECT_TRUE(written) << written.error().text();
  return {.model = model, .images = 2, .output = folder.path() / "emission"};
}

}  // namespace sluice::api
