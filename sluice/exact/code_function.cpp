// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/code_function.hpp"

#include <fmt/format.h>
#include <map>

#include "sluice/base/text.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::exact {
namespace {

bool goes_by_elements(const ir::Op& op) {
  const std::string_view family = ir::op_family(op);
  return family == "unary" || family == "binary" || ir::is<ir::Identity>(op);
}

// The nodes between two values as a network of their own.
class Part {
 public:
  Part(const ir::Graph& network, ir::ValueId from, std::int64_t num_codes)
      : network_(network), producers_(ir::producers(network)) {
    const ir::Value& x = network[from];
    const ir::ValueId input = part_.add_input(x.name, network.type(from).dtype, {num_codes});
    part_[input].quantization = x.quantization;
    copies_[from] = input;
  }

  Result<ir::Graph> up_to(ir::ValueId to) && {
    SL_TRY(const ir::ValueId output, copy(to));
    part_.outputs = {output};
    return std::move(part_);
  }

 private:
  Result<ir::ValueId> copy(ir::ValueId id) {
    if (id == ir::kNoValue) return id;
    if (const auto found = copies_.find(id); found != copies_.end()) return found->second;
    SL_TRY(const ir::ValueId made, network_[id].constant ? copy_number(id) : copy_output(id));
    part_[made].quantization = network_[id].quantization;
    copies_[id] = made;
    return made;
  }

  Result<ir::ValueId> copy_number(ir::ValueId id) {
    const Tensor& content = *network_[id].constant;
    if (content.num_elements() == 1) {
      // Of no more dimensions than the codes have.
      return part_.add_constant(network_[id].name,
                                content.rank() > 1 ? content.reshaped({1}) : content);
    }
    return Error{ErrorCode::Unsupported,
                 fmt::format("reads {}, which has {} numbers; a table is for one",
                             sluice::quoted(network_[id].name), content.num_elements())};
  }

  Result<ir::ValueId> copy_output(ir::ValueId id) {
    const ir::NodeId made_by = producers_[ir::index(id)];
    if (made_by == ir::kNoNode) {
      return Error{ErrorCode::Unsupported, fmt::format("reads {} besides; a table is of one tensor",
                                                       sluice::quoted(network_[id].name))};
    }
    const ir::Node& node = network_[made_by];
    if (!goes_by_elements(node.op)) {
      return Error{ErrorCode::Unsupported, "does not go element by element", ir::place_of(node)};
    }
    if (!network_[id].quantization) {
      return Error{ErrorCode::Unsupported, "makes real numbers, not codes", ir::place_of(node)};
    }
    std::vector<ir::ValueId> inputs;
    inputs.reserve(node.inputs.size());
    for (const ir::ValueId input : node.inputs) {
      auto copied = copy(input);
      if (!copied) return std::move(copied).error().at(ir::place_of(node));
      inputs.push_back(*copied);
    }
    const ir::NodeId added = part_.add_node(node.name, node.op, std::move(inputs));
    part_[added].arithmetic = node.arithmetic;
    return part_[added].outputs[0];
  }

  const ir::Graph& network_;
  std::vector<ir::NodeId> producers_;
  ir::Graph part_;
  std::map<ir::ValueId, ir::ValueId> copies_;
};

}  // namespace

Result<std::vector<std::int64_t>> code_function(const ir::Graph& network, ir::ValueId from,
                                                ir::ValueId to,
                                                const std::vector<std::int64_t>& codes) {
  const Shape shape{static_cast<std::int64_t>(codes.size())};
  SL_TRY(ir::Graph part, Part(network, from, shape[0]).up_to(to));
  SL_TRY_STATUS(ir::infer_types(part, {&shape, 1}, runtime::reference::evaluate));
  SL_TRY(auto executor, make_reference_executor(std::move(part)));
  const Tensor x = numeric::cast(Tensor::from(shape, codes), network.type(from).dtype);
  SL_TRY(const auto outputs, executor->run({&x, 1}));
  return numeric::to_integers(outputs[0]);
}

}  // namespace sluice::exact
