// SPDX-License-Identifier: Apache-2.0
// A design to change: two partitions of two layers each.
#pragma once

#include "tests/hw/config/every_kind.hpp"

#include "sluice/hw/design.hpp"

namespace sluice::hw::test {

// conv and relu, then pool and gemm.
inline Graph four_layers() {
  GraphMaker make;
  NodeId at = make.add("conv", convolution(8, 3), {});
  at = make.add("relu", Elementwise{}, {at});
  at = make.add("pool", GlobalPooling{}, {at});
  make.add("gemm", InnerProduct{.filters = 10}, {at});
  return std::move(make.graph());
}

inline LayerDesign layer_design(const std::string& name, Folding folding = {}) {
  return {name, folding, false, 0, 0, {false}, {false}};
}

inline Design two_partitions() {
  Design design;
  design.model_name = "four_layers";
  design.model_sha256 = std::string(64, 'a');
  design.device = "zcu104";
  design.clock_mhz = 187.5;
  design.batch_size = 16;
  design.coefficients = "made up";
  design.partitions.resize(2);
  design.partitions[0] = {{layer_design("conv", {.coarse_out = 2, .fine = 9}),
                           layer_design("relu", {.coarse_in = 4, .coarse_out = 4})},
                          "conv",
                          2,
                          1,
                          {4},
                          {2}};
  design.partitions[1] = {
      {layer_design("pool"), layer_design("gemm", {.coarse_out = 5})}, "", 1, 1.25, {1}, {1}};
  return design;
}

}  // namespace sluice::hw::test
