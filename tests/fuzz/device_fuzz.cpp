// SPDX-License-Identifier: Apache-2.0
// Any bytes as a device file.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/hw/device.hpp"

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto device = sluice::hw::Device::parse(text, "fuzzed");
  if (!device) return 0;
  for (const auto& kind : sluice::hw::kResourceKinds) {
    const double count = device->resources.*kind.count;
    if (!std::isfinite(count) || count < 0) __builtin_trap();
  }
  if (!(device->clock_mhz > 0) || device->dsp_a_bits < 1) __builtin_trap();
  return 0;
}
