// SPDX-License-Identifier: Apache-2.0
// Any bytes as a TFLite model: read, and where that succeeds typed and verified, as loading does.
#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/import/tflite.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/runtime/reference/kernel.hpp"

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto graph = sluice::importer::read_tflite(std::as_bytes(std::span(data, size)));
  if (!graph) return 0;
  const auto shapes = sluice::ir::input_shapes(*graph, 0);
  if (!shapes) return 0;
  const auto status =
      sluice::ir::infer_types(*graph, *shapes, sluice::runtime::reference::evaluate);
  if (status && !sluice::ir::verify(*graph)) __builtin_trap();  // read and typed, it must hold
  return 0;
}
