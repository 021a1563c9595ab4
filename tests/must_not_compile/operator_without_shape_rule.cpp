// SPDX-License-Identifier: Apache-2.0
// A program that infers types, linked with a list of operators that has one too many.
#include "sluice/ir/infer.hpp"

int main() {
  sluice::ir::Graph graph;
  return sluice::ir::infer_types(graph, {}, nullptr) ? 0 : 1;
}
