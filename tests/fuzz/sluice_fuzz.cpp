// SPDX-License-Identifier: Apache-2.0
// Any bytes as a network in Sluice's own form: up to the first zero the text, behind it the data.
// The head with the data's hash is put before the text, or it would hardly ever fit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/fuzz/type_and_verify.hpp"

#include "sluice/base/sha256.hpp"
#include "sluice/import/sluice.hpp"

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  const auto zero = std::ranges::find(input, std::uint8_t{0});
  const std::string text(input.begin(), zero);
  const auto behind = std::make_shared<std::vector<std::byte>>();
  std::transform(zero == input.end() ? zero : zero + 1, input.end(), std::back_inserter(*behind),
                 [](std::uint8_t b) { return std::byte{b}; });
  const auto read = [&](const std::string& whole) {
    return sluice::importer::read_sluice(whole, *behind, behind);
  };
  (void)read(text);
  auto graph = read(fmt::format("sluice 1\ndata {} sha256 \"{}\"\n{}", behind->size(),
                                sluice::sha256(*behind), text));
  if (!graph) return 0;
  if (!sluice::ir::verify(*graph)) __builtin_trap();
  // A quantization may not fit the types that follow; loading says so then.
  if (sluice::test::type(*graph)) (void)sluice::ir::verify(*graph);
  return 0;
}
