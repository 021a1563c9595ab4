// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/operation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/text.hpp"

namespace sluice::hw {
namespace {

// What an operation is read from.
struct Given {
  const JsonReader* layer;
  const Fields* fields;
  const Operation* like;

  // The model's, if it is of this kind.
  template <class Kind>
  [[nodiscard]] Kind start() const {
    const auto* same = like == nullptr ? nullptr : std::get_if<Kind>(like);
    return same == nullptr ? Kind{} : *same;
  }
  // The layer's op_type, one of `names`.
  [[nodiscard]] Result<std::string> op_type(std::initializer_list<std::string_view> names) const {
    SL_TRY(const JsonReader field, layer->at("op_type"));
    SL_TRY(std::string name, field.string());
    if (std::ranges::find(names, name) != names.end()) return name;
    return field.error(fmt::format("{} is no such operation{}", sluice::quoted(name),
                                   did_you_mean(name, {names.begin(), names.size()})));
  }
};

// Types of what convolutions and inner products compute with.
template <class Kind>
Status read_products(const Fields& fields, Kind& of) {
  SL_TRY(of.filters,
         fields.has("filters") ? fields.whole("filters") : fields.whole("channels_out"));
  SL_TRY(const std::int64_t has_bias, fields.whole("has_bias", 0));
  if (has_bias > 1) return fields.error("has_bias", "must be 0 or 1");
  of.has_bias = has_bias == 1;
  SL_TRY(of.block_floating_point, fields.flag_or("block_floating_point", false));
  SL_TRY(of.output, fields.type("output_t"));
  SL_TRY(of.weight, fields.type("weight_t"));
  SL_TRY(of.acc, fields.type("acc_t"));
  return {};
}

Result<std::shared_ptr<const Sparsity>> read_sparsity(const Fields& fields, bool is_pointwise) {
  Sparsity result;
  result.is_pointwise = is_pointwise;
  SL_TRY(result.values, fields.reals("sparsity"));
  if (is_pointwise) {
    SL_TRY(result.clusters, fields.whole("clusters"));
  } else {
    SL_TRY(result.skips_zero_windows, fields.flag_or("skip_all_zero_window", true));
  }
  return std::make_shared<const Sparsity>(std::move(result));
}

Result<Operation> convolution(const Given& given) {
  const Fields& fields = *given.fields;
  auto result = given.start<Convolution>();
  SL_TRY_STATUS(read_products(fields, result));
  SL_TRY(result.groups, fields.whole("groups"));
  SL_TRY(result.kernel, fields.extent("kernel", "kernel_size"));
  SL_TRY(result.step, fields.extent("stride", "stride"));
  SL_TRY(result.padding, fields.padding());
  SL_TRY(const std::string type, given.op_type({"dense", "sparse", "pointwise_sparse"}));
  result.sparsity = nullptr;
  if (type != "dense") {
    SL_TRY(result.sparsity, read_sparsity(fields, type == "pointwise_sparse"));
  }
  return Operation(result);
}

Result<Operation> inner_product(const Given& given) {
  auto result = given.start<InnerProduct>();
  SL_TRY_STATUS(read_products(*given.fields, result));
  return Operation(result);
}

Result<Reduction> reduction(const Given& given) {
  SL_TRY(const std::string type, given.op_type({"max", "avg"}));
  return type == "max" ? Reduction::Max : Reduction::Average;
}

Result<Operation> pooling(const Given& given) {
  auto result = given.start<Pooling>();
  SL_TRY(result.reduction, reduction(given));
  SL_TRY(result.kernel, given.fields->extent("kernel", "kernel_size"));
  SL_TRY(result.step, given.fields->extent("stride", "stride"));
  SL_TRY(result.padding, given.fields->padding());
  return Operation(result);
}

Result<Operation> global_pooling(const Given& given) {
  auto result = given.start<GlobalPooling>();
  SL_TRY(result.reduction, reduction(given));
  SL_TRY(result.acc, given.fields->type("acc_t"));
  return Operation(result);
}

template <Function function>
Result<Operation> elementwise(const Given& given) {
  auto result = given.start<Elementwise>();
  result.function = function;
  const Fields& fields = *given.fields;
  SL_TRY(result.output, fields.type(fields.has("output_t") ? "output_t" : "data_t"));
  return Operation(result);
}

Result<Operation> thresholded(const Given& given) {
  SL_TRY(auto result, elementwise<Function::Relu>(given));
  auto& relu = std::get<Elementwise>(result);
  relu.has_threshold = true;
  SL_TRY(relu.threshold, given.fields->real("threshold"));
  return result;
}

Result<Operation> join(const Given& given) {
  auto result = given.start<Join>();
  SL_TRY(const std::string type, given.op_type({"add", "mul"}));
  result.op = type == "mul" ? Eltwise::Mul : Eltwise::Add;
  SL_TRY(result.acc, given.fields->type("acc_t"));
  return Operation(result);
}

Result<Operation> concat(const Given& given) {
  auto result = given.start<Concat>();
  SL_TRY(result.channels, given.fields->wholes("channels_in_array"));
  return Operation(result);
}

Result<Operation> chop(const Given& given) {
  auto result = given.start<Chop>();
  const Fields& fields = *given.fields;
  SL_TRY(result.channels, fields.wholes(fields.has("split") ? "split" : "channels_out_array"));
  return Operation(result);
}

// Factors of rows, cols (depth,) channels, and one more that fpgaConvNet's reading of ONNX adds.
Result<Operation> repeat(const Given& given) {
  const Fields& fields = *given.fields;
  SL_TRY(const auto scale, fields.reals("scale"));
  const std::size_t dims = fields.is_3d() ? 5 : 4;
  if (scale.size() != dims) {
    return fields.error("scale", fmt::format("has {} factors, {} are needed", scale.size(), dims));
  }
  constexpr double kMost = 0x1p31;
  std::vector<std::int64_t> by;
  for (const double factor : scale) {
    if (factor < 1 || factor >= kMost || factor != std::floor(factor)) {
      return fields.error("scale", fmt::format("{} is no whole factor", factor));
    }
    by.push_back(static_cast<std::int64_t>(factor));
  }
  const std::int64_t depth = fields.is_3d() ? by[2] : 1;
  return Operation(Repeat{{by[0], by[1], depth}, by[dims - 2], by[dims - 1]});
}

// Regrouped streams, or, where the model has a Reshape, that.
Result<Operation> squeeze(const Given& given) {
  const bool is_passing = given.like != nullptr && std::holds_alternative<Passing>(*given.like);
  return is_passing ? Operation(Passing{}) : Operation(Regroup{});
}

Result<Operation> split(const Given& /*given*/) {
  return Operation(Split{});
}

Result<Operation> channel_affine(const Given& given) {
  return Operation(given.start<ChannelAffine>());
}

struct TypeReader {
  std::string_view type;
  Result<Operation> (*read)(const Given&);
};
constexpr std::array kTypes{
    TypeReader{"CONVOLUTION", convolution},
    TypeReader{"CONVOLUTION_SPARSE", convolution},
    TypeReader{"INNER_PRODUCT", inner_product},
    TypeReader{"POOLING", pooling},
    TypeReader{"AVERAGE_POOLING", global_pooling},
    TypeReader{"RELU", elementwise<Function::Relu>},
    TypeReader{"SIGMOID", elementwise<Function::Sigmoid>},
    TypeReader{"HARD_SIGMOID", elementwise<Function::HardSigmoid>},
    TypeReader{"HARD_SWISH", elementwise<Function::HardSwish>},
    TypeReader{"SILU", elementwise<Function::Silu>},
    TypeReader{"THRESHOLDEDRELU", thresholded},
    TypeReader{"BATCH_NORM", channel_affine},
    TypeReader{"ELTWISE", join},
    TypeReader{"CONCAT", concat},
    TypeReader{"SPLIT", split},
    TypeReader{"CHOP", chop},
    TypeReader{"RESIZE", repeat},
    TypeReader{"SQUEEZE", squeeze},
};

// ---- the type of each operation

LayerKind name(const Convolution& of) {
  if (of.sparsity == nullptr) return {"CONVOLUTION", "dense"};
  return {"CONVOLUTION", of.sparsity->is_pointwise ? "pointwise_sparse" : "sparse"};
}
LayerKind name(const InnerProduct& /*of*/) {
  return {"INNER_PRODUCT", ""};
}
std::string name_of(Reduction reduction) {
  return reduction == Reduction::Max ? "max" : "avg";
}
LayerKind name(const Pooling& of) {
  return {"POOLING", name_of(of.reduction)};
}
LayerKind name(const GlobalPooling& of) {
  return {"AVERAGE_POOLING", name_of(of.reduction)};
}
LayerKind name(const Elementwise& of) {
  if (of.has_threshold) return {"THRESHOLDEDRELU", ""};
  switch (of.function) {
    case Function::Relu:
      return {"RELU", "ReLU"};
    case Function::Sigmoid:
      return {"SIGMOID", "Sigmoid"};
    case Function::HardSigmoid:
      return {"HARD_SIGMOID", "HardSigmoid"};
    case Function::HardSwish:
      return {"HARD_SWISH", "HardSwish"};
    case Function::Silu:
      return {"SILU", ""};
  }
  return {};
}
LayerKind name(const ChannelAffine& /*of*/) {
  return {"BATCH_NORM", ""};
}
LayerKind name(const Join& of) {
  return {"ELTWISE", of.op == Eltwise::Mul ? "mul" : "add"};
}
LayerKind name(const Concat& /*of*/) {
  return {"CONCAT", ""};
}
LayerKind name(const Split& /*of*/) {
  return {"SPLIT", ""};
}
LayerKind name(const Chop& /*of*/) {
  return {"CHOP", ""};
}
LayerKind name(const Repeat& /*of*/) {
  return {"RESIZE", ""};
}
LayerKind name(const Regroup& /*of*/) {
  return {"SQUEEZE", ""};
}
LayerKind name(const Passing& /*of*/) {
  return {"SQUEEZE", ""};
}
LayerKind name(const Padded& /*of*/) {
  return {};
}
LayerKind name(const PixelShift& /*of*/) {
  return {};
}
LayerKind name(const Shuffle& /*of*/) {
  return {};
}

}  // namespace

bool has_port_lists(const Operation& operation) {
  return std::holds_alternative<Join>(operation) || std::holds_alternative<Concat>(operation) ||
         std::holds_alternative<Split>(operation) || std::holds_alternative<Chop>(operation);
}

bool has_coarse(const Operation& operation) {
  return !std::holds_alternative<Convolution>(operation) &&
         !std::holds_alternative<InnerProduct>(operation) &&
         !std::holds_alternative<Regroup>(operation) &&
         !std::holds_alternative<Passing>(operation) && !std::holds_alternative<Chop>(operation);
}

Result<Operation> read_operation(const JsonReader& layer, const Fields& fields,
                                 const Operation* like) {
  SL_TRY(const JsonReader field, layer.at("type"));
  SL_TRY(const std::string type, field.string());
  const auto* const reader = std::ranges::find(kTypes, type, &TypeReader::type);
  if (reader == kTypes.end()) {
    return field.error(fmt::format(
        "layers of type {} are not taken: their parameters are not known", sluice::quoted(type)));
  }
  return reader->read({&layer, &fields, like});
}

Result<LayerKind> kind_of(const Operation& operation) {
  LayerKind kind = std::visit([](const auto& of) { return name(of); }, operation);
  const auto* conv = std::get_if<Convolution>(&operation);
  const bool is_spread = conv != nullptr && conv->spread.size() > 1;
  if (!kind.type.empty() && !is_spread) return kind;
  return Error{ErrorCode::Unsupported,
               "fpgaConvNet's files have no type for this layer; write a design instead"};
}

}  // namespace sluice::hw
