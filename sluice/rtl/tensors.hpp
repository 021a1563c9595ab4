// SPDX-License-Identifier: Apache-2.0
// What the hardware has to know of a network's tensors: their codes, and in which order they come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/rtl/netlist.hpp"

namespace sluice::rtl {

// A tensor of codes with one scale: real = scale·(code − zero_point).
struct Codes {
  DType dtype = DType::Int8;
  WordType word;
  numeric::CodeRange range;
  float scale = 1;
  std::int64_t zero_point = 0;
};

// The codes of a tensor for codes of another, where what is between them goes element by element:
// a definition, supplied by whoever has the kernels, as exact::code_function().
using CodeFunction = std::function<Result<std::vector<std::int64_t>>(
    const ir::Graph& network, ir::ValueId from, ir::ValueId to,
    const std::vector<std::int64_t>& codes)>;

class Tensors {
 public:
  explicit Tensors(const ir::Graph& network, CodeFunction code_function = {})
      : network_(network),
        producers_(ir::producers(network)),
        code_function_(std::move(code_function)) {}

  [[nodiscard]] const ir::Graph& network() const { return network_; }
  // The tensor of that name. Internal if there is none.
  [[nodiscard]] Result<ir::ValueId> value(std::string_view name) const;
  // The node of that name. Internal if there is none.
  [[nodiscard]] Result<const ir::Node*> node(std::string_view name) const;

  // Unsupported, naming the tensor, unless it is quantized with one scale.
  [[nodiscard]] Result<Codes> codes(ir::ValueId id) const;

  // The tensor that the words of this one come from, past nodes that only change how a tensor is
  // seen. Unsupported where one of them changes codes.
  [[nodiscard]] Result<ir::ValueId> origin(ir::ValueId id) const;

  // By the function that was supplied; Internal if none was.
  [[nodiscard]] Result<std::vector<std::int64_t>> code_function(
      ir::ValueId from, ir::ValueId to, const std::vector<std::int64_t>& codes) const;

  // For each element of a tensor of batch 1, row-major, its place in the stream that its origin
  // is: channels innermost.
  [[nodiscard]] Result<std::vector<std::int64_t>> places(ir::ValueId id) const;

 private:
  const ir::Graph& network_;
  std::vector<ir::NodeId> producers_;
  CodeFunction code_function_;
};

// For each element of a feature map [1, channels, …], row-major, its place in a stream with the
// channels innermost; of tensors of other ranks than these, the order they have.
[[nodiscard]] std::vector<std::int64_t> stream_places(const Shape& shape);

// The codes of a tensor as its stream has them.
[[nodiscard]] std::vector<std::int64_t> in_stream_order(const Tensor& codes);

}  // namespace sluice::rtl
