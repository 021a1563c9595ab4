// SPDX-License-Identifier: Apache-2.0
// Any bytes as a checkpoint: read, and every tensor of it looked at.
#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/import/checkpoint.hpp"

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto checkpoint = sluice::importer::read_checkpoint(std::as_bytes(std::span(data, size)));
  if (!checkpoint) return 0;
  unsigned sum = 0;
  for (const sluice::NamedTensor& tensor : checkpoint->tensors) {
    for (const std::byte byte : tensor.tensor.bytes()) sum += std::to_integer<unsigned>(byte);
  }
  return sum == ~0U ? -1 : 0;  // so that the bytes are really read
}
