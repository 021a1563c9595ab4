// SPDX-License-Identifier: Apache-2.0
// What every tensor of a coded network takes in several encodings, image by image.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/api/coded_network.hpp"
#include "sluice/base/result.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/sparse/code_statistics.hpp"
#include "sluice/sparse/encoding.hpp"

namespace sluice::api {

// One tensor in every encoding, over all images.
struct TensorCompression {
  std::string role;
  std::string value;
  sparse::Alphabet alphabet;
  Shape shape;              // as the network is run, in its order
  std::uint64_t codes = 0;  // an image
  std::optional<double> entropy_ratio;
  std::vector<std::optional<sparse::Compression>> compressions;  // by encoding

  [[nodiscard]] std::uint64_t bits() const { return codes * static_cast<unsigned>(alphabet.bits); }
};

struct LayerCompression {
  std::string layer;
  std::string op;
  std::vector<TensorCompression> tensors;
};

// `network` must outlive it.
class CodedStatistics {
 public:
  CodedStatistics(const CodedNetwork& network, const std::vector<sparse::Encoding>& encodings,
                  sparse::Rules rules);

  // One forward pass of the network's graph; of its batch the first `images` count.
  [[nodiscard]] Status add(runtime::Executor& executor, std::span<const Tensor> inputs,
                           std::int64_t images);
  // The weights count once, whatever the images; call before results().
  [[nodiscard]] Status add_weights();
  [[nodiscard]] Result<std::vector<LayerCompression>> results() const;

 private:
  struct Watched {
    const CodedTensor* tensor;
    sparse::CodeStatistics statistics;
  };
  // Tensor by tensor, at once on several threads; the first error in their order.
  [[nodiscard]] Status for_each(const std::function<Status(Watched&)>& visit);

  const CodedNetwork& network_;
  std::size_t num_encodings_;
  std::vector<Watched> watched_;  // in the order of the layers
  std::vector<ir::ValueId> sources_;
};

}  // namespace sluice::api
