// SPDX-License-Identifier: Apache-2.0
// Builder: the ir::Graph under construction, with Transposes merged as they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sluice/import/tflite/permute.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/names.hpp"

namespace sluice::importer::tflite {

class Builder {
 public:
  // Names, lists and copied weights may take `max_bytes` together; see exhausted().
  explicit Builder(std::size_t max_bytes) : bytes_left_(max_bytes) {}

  ir::ValueId input(std::string_view name, DType dtype, Shape declared_shape);
  ir::ValueId constant(std::string_view name, Tensor content);
  // Says what the integers of a value stand for; the node that makes it rounds to it as LiteRT's
  // reference kernels do, unless it only moves elements.
  void set_quantization(ir::ValueId value, numeric::Quantization quantization);
  [[nodiscard]] const std::optional<numeric::Quantization>& quantization(ir::ValueId value) const {
    return graph_[value].quantization;
  }

  // Appends a node; its outputs are named after it.
  std::vector<ir::ValueId> node(std::string_view name, ir::Op op, std::vector<ir::ValueId> inputs,
                                std::size_t num_outputs);

  // `value` with its dimensions in another order: a constant is copied, a Transpose of a Transpose
  // becomes one or none, and the same order of the same value is made once.
  ir::ValueId transposed(ir::ValueId value, const Permutation& permutation);

  // The content of a constant, else null.
  [[nodiscard]] const Tensor* content(ir::ValueId value) const;

  // Gives `value` and the node that makes it the name of a tensor in the file; a value that had the
  // name gets a suffix. Inputs, constants and values that are another tensor already keep theirs.
  void name_after_tensor(ir::ValueId value, std::string_view name);

  // True once more was asked for than max_bytes: the file repeats itself by reference so often that
  // what it stands for has no proportion to its size. Transposes of constants are then left out.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

  // The graph without what no output needs. The builder is empty afterwards.
  [[nodiscard]] ir::Graph finish(std::string_view name, const std::vector<ir::ValueId>& outputs);

 private:
  ir::ValueId add_value(std::string_view name);
  bool spend(std::size_t num_bytes);

  ir::Graph graph_;
  ir::Names value_names_;
  ir::Names node_names_;
  std::unordered_map<std::string, ir::ValueId> value_by_name_;
  std::map<ir::ValueId, std::size_t> producer_;  // index of the node
  std::set<ir::ValueId> named_;                  // after a tensor of the file
  std::map<std::pair<ir::ValueId, Permutation>, ir::ValueId> transposes_;
  std::map<ir::ValueId, std::pair<ir::ValueId, Permutation>> transpose_of_;
  std::size_t bytes_left_;
  bool exhausted_ = false;
};

}  // namespace sluice::importer::tflite
