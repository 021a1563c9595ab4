// SPDX-License-Identifier: Apache-2.0
// A file with a small int8 network: convolutions, Add, Sigmoid, mean, fully connected, Softmax. The
// tests run in the project's folder.
#pragma once

#include <filesystem>

namespace sluice::test {

inline std::filesystem::path quantized_model_file() {
  return "tests/data/fuzz/tflite/quantized_int8.tflite";
}

}  // namespace sluice::test
