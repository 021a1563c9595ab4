// SPDX-License-Identifier: Apache-2.0
#include "cli/run_inputs.hpp"

namespace sluice::cli {

std::vector<api::RunInput> parse_inputs(const std::vector<std::string>& texts) {
  std::vector<api::RunInput> inputs;
  inputs.reserve(texts.size());
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      inputs.push_back({"", text});
    } else {
      inputs.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }
  return inputs;
}

}  // namespace sluice::cli
