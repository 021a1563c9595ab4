// SPDX-License-Identifier: Apache-2.0
// Any bytes as a TFLite model: read, and where that succeeds typed and verified, as loading does.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/type_and_verify.hpp"

#include "sluice/import/tflite.hpp"

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::test::type_and_verify(
      sluice::importer::read_tflite(std::as_bytes(std::span(data, size))));
  return 0;
}
