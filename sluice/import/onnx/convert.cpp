// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"

namespace sluice::importer::onnx {
namespace {

template <class T>
Result<ir::Op> convert_as(NodeReader& reader, Status (*converter)(T&, NodeReader&)) {
  T op;
  SL_TRY_STATUS(converter(op, reader));
  SL_TRY_STATUS(reader.check_all_read());
  return ir::Op(std::move(op));
}

using Converter = Result<ir::Op> (*)(NodeReader&);

struct Entry {
  std::string_view op_type;
  Converter convert;
  std::string_view domain;
};

template <Converter convert>
Result<ir::Op> convert_whole(NodeReader& reader) {
  SL_TRY(ir::Op op, convert(reader));
  SL_TRY_STATUS(reader.check_all_read());
  return op;
}

constexpr std::string_view kMicrosoft = "com.microsoft";

constexpr std::array kConverters{
#define SL_OP(Name, family)                               \
  Entry{#Name, [](NodeReader& reader) -> Result<ir::Op> { \
          return convert_as<ir::Name>(reader, &convert);  \
        }},
#include "sluice/ir/ops.def"
#undef SL_OP
    Entry{"Sum", convert_whole<convert_sum>},
    Entry{"Upsample",
          [](NodeReader& reader) -> Result<ir::Op> {
            return convert_as<ir::Resize>(reader, &convert_upsample);
          }},
    Entry{"QLinearConv", convert_whole<convert_qlinear_conv>},
    Entry{"QLinearMatMul", convert_whole<convert_qlinear_matmul>},
    Entry{"ConvInteger", convert_whole<convert_conv_integer>},
    Entry{"MatMulInteger", convert_whole<convert_matmul_integer>},
    Entry{"DynamicQuantizeLinear", convert_whole<convert_dynamic_quantize_linear>},
    Entry{"QLinearAdd", convert_whole<convert_qlinear_add>, kMicrosoft},
    Entry{"QLinearMul", convert_whole<convert_qlinear_mul>, kMicrosoft},
    Entry{"QLinearAveragePool", convert_whole<convert_qlinear_average_pool>, kMicrosoft},
    Entry{"QLinearGlobalAveragePool", convert_whole<convert_qlinear_global_average_pool>,
          kMicrosoft},
    Entry{"QLinearLeakyRelu", convert_whole<convert_qlinear_leaky_relu>, kMicrosoft},
    Entry{"QLinearSigmoid", convert_whole<convert_qlinear_sigmoid>, kMicrosoft},
    Entry{"QLinearSoftmax", convert_whole<convert_qlinear_softmax>, kMicrosoft},
    Entry{"QLinearConcat", convert_whole<convert_qlinear_concat>, kMicrosoft},
    Entry{"QGemm", convert_whole<convert_qgemm>, kMicrosoft},
    Entry{"QuantizeLinear",
          [](NodeReader& reader) -> Result<ir::Op> {
            return convert_as<ir::QuantizeLinear>(reader, &convert);
          },
          kMicrosoft},
    Entry{"DequantizeLinear",
          [](NodeReader& reader) -> Result<ir::Op> {
            return convert_as<ir::DequantizeLinear>(reader, &convert);
          },
          kMicrosoft},
};

// Operators that are in opset 7 what they were in an older one, and the oldest such. Older models
// of these alone are read; the rest changed (broadcasting, attributes that are inputs now).
struct Unchanged {
  std::string_view op_type;
  std::int64_t since;
};

constexpr std::array kUnchanged{
    Unchanged{"Abs", 6},
    Unchanged{"ArgMax", 1},
    Unchanged{"AveragePool", 1},
    Unchanged{"Cast", 6},
    Unchanged{"Clip", 6},
    Unchanged{"Concat", 4},
    Unchanged{"Constant", 1},
    Unchanged{"Conv", 1},
    Unchanged{"ConvTranspose", 1},
    Unchanged{"DepthToSpace", 1},
    Unchanged{"Elu", 6},
    Unchanged{"Exp", 6},
    Unchanged{"Flatten", 1},
    Unchanged{"Gather", 1},
    Unchanged{"GlobalAveragePool", 1},
    Unchanged{"GlobalMaxPool", 1},
    Unchanged{"HardSigmoid", 6},
    Unchanged{"Identity", 1},
    Unchanged{"InstanceNormalization", 6},
    Unchanged{"LeakyRelu", 6},
    Unchanged{"Log", 6},
    Unchanged{"LpPool", 2},
    Unchanged{"MatMul", 1},
    Unchanged{"Max", 6},
    Unchanged{"MaxPool", 1},
    Unchanged{"Min", 6},
    Unchanged{"Neg", 6},
    Unchanged{"Pad", 2},
    Unchanged{"ReduceMax", 1},
    Unchanged{"ReduceMean", 1},
    Unchanged{"ReduceMin", 1},
    Unchanged{"ReduceSum", 1},
    Unchanged{"Relu", 6},
    Unchanged{"Reshape", 5},
    Unchanged{"Selu", 6},
    Unchanged{"Shape", 1},
    Unchanged{"Sigmoid", 6},
    Unchanged{"Slice", 1},
    Unchanged{"Softmax", 1},
    Unchanged{"Softplus", 1},
    Unchanged{"SpaceToDepth", 1},
    Unchanged{"Split", 2},
    Unchanged{"Sqrt", 6},
    Unchanged{"Squeeze", 1},
    Unchanged{"Sum", 6},
    Unchanged{"Tanh", 6},
    Unchanged{"Tile", 6},
    Unchanged{"Transpose", 1},
    Unchanged{"Unsqueeze", 1},
};

Status check_opset(const Node& node, std::int64_t opset) {
  if (opset >= kOldestOpset) return {};
  const auto* unchanged = std::ranges::find(kUnchanged, node.op_type, &Unchanged::op_type);
  if (unchanged != kUnchanged.end() && opset >= unchanged->since) return {};
  return Error{
      ErrorCode::Unsupported,
      fmt::format("this operator as opset {} has it is not supported, opsets {} to {} are; "
                  "convert the model with onnx.version_converter",
                  opset, kOldestOpset, kNewestOpset)};
}

// What to do about an operator that is not supported, by the start of its name.
struct Remedy {
  std::string_view prefix;
  std::string_view text;
};

constexpr std::array kRemedies{
    Remedy{"If", "export the model without control flow, e.g. by tracing instead of scripting"},
    Remedy{"Loop", "export the model without control flow, e.g. by tracing instead of scripting"},
    Remedy{"Scan", "export the model without control flow, e.g. by tracing instead of scripting"},
    Remedy{"Sequence", "export the model with plain tensors instead of sequences"},
    Remedy{"SplitToSequence",
           "export the model with plain tensors, e.g. Split for SplitToSequence"},
    Remedy{"ConcatFromSequence", "export the model with plain tensors instead of sequences"},
    Remedy{"Optional", "export the model with plain tensors instead of optional values"},
    Remedy{"NonMaxSuppression", "export the network without its post-processing"},
    Remedy{"TopK", "export the network without its post-processing"},
    Remedy{"LogSoftmax", "export the model without it, e.g. end it at its logits or with Softmax"},
};

constexpr std::string_view kGeneralRemedy =
    "export the model without it, e.g. write that layer with supported operators or end the "
    "network before it";

Error unsupported(const Node& node, std::int64_t opset) {
  if (node.domain == kMicrosoft && node.op_type.starts_with("Q")) {
    return {ErrorCode::Unsupported,
            fmt::format("operator {} of {} is not supported; quantize the model in the QDQ form, "
                        "e.g. quantize_static(quant_format=QDQ)",
                        sluice::quoted(node.op_type), kMicrosoft)};
  }
  if (!node.domain.empty()) {
    return {ErrorCode::Unsupported,
            fmt::format("operators of the domain {} are not supported; export the model with "
                        "ONNX's own operators only, e.g. without a runtime's graph optimisations",
                        sluice::quoted(node.domain))};
  }
  const auto* remedy = std::ranges::find_if(kRemedies, [&](const Remedy& candidate) {
    return std::string_view(node.op_type).starts_with(candidate.prefix);
  });
  return {ErrorCode::Unsupported,
          fmt::format("operator {} (opset {}) is not supported; {}", sluice::quoted(node.op_type),
                      opset, remedy == kRemedies.end() ? kGeneralRemedy : remedy->text)};
}

}  // namespace

Result<ir::Op> convert_node(const Node& node, NodeReader& reader) {
  const auto* entry = std::ranges::find_if(kConverters, [&](const Entry& candidate) {
    return candidate.op_type == node.op_type && candidate.domain == node.domain;
  });
  if (entry == kConverters.end()) return unsupported(node, reader.opset());
  if (node.domain.empty()) SL_TRY_STATUS(check_opset(node, reader.opset()));
  return entry->convert(reader);
}

// Operators of the IR that no ONNX file can have.
#define SL_NOT_IN_ONNX(Name)                                                                 \
  Status convert(ir::Name&, NodeReader&) {                                                   \
    return Error{ErrorCode::Unsupported, #Name " is not an ONNX operator; remove the node"}; \
  }

SL_NOT_IN_ONNX(Snap)

#undef SL_NOT_IN_ONNX

}  // namespace sluice::importer::onnx
