// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/tflite.hpp"
#include "sluice/import/tflite/builtins.hpp"
#include "sluice/import/tflite/model.hpp"
#include "sluice/import/tflite/quantization.hpp"

namespace sluice::importer {
namespace tflite {
namespace {

// The tensors a converter takes.
enum class On : unsigned char { Float, Any };

struct Builtin {
  fb::BuiltinOperator code;
  Status (*convert)(Context&);
  int least_inputs;
  int most_inputs;  // -1: any number
  On on;

  [[nodiscard]] std::string inputs_text() const {
    if (least_inputs == most_inputs) return std::to_string(least_inputs);
    if (most_inputs < 0) return fmt::format("{} or more", least_inputs);
    return fmt::format("{} to {}", least_inputs, most_inputs);
  }
};

constexpr Builtin kBuiltins[] = {
#define SL_TFLITE(CODE, function, least, most, on) \
  {fb::BuiltinOperator::CODE, builtin::function, least, most, On::on},
#include "sluice/import/tflite/builtins.def"
#undef SL_TFLITE
};

// What a file may make us hold besides its own bytes: copies of weights in another order, names,
// lists. Honest files need about their own size; hostile ones refer to one thing a million times.
constexpr std::size_t kMaxGrowth = 8;
constexpr std::size_t kAlwaysAllowedBytes = std::size_t{16} << 20;

template <class T>
std::span<const T> to_span(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {vector->data(), vector->size()};
}

// Weights kept in 8 bits for an operator that computes in float32. `before`: the inputs before it.
bool is_stored_weight(const Builtin& builtin, std::span<const TensorInfo> before,
                      const TensorInfo& info) {
  if (info.dtype != DType::Int8 || info.quantization == nullptr || info.content.empty()) {
    return false;
  }
  switch (builtin.code) {
    case fb::BuiltinOperator::CONV_2D:
    case fb::BuiltinOperator::DEPTHWISE_CONV_2D:
    case fb::BuiltinOperator::FULLY_CONNECTED:
      return before.size() == 1 && before[0].dtype == DType::Float32;
    case fb::BuiltinOperator::DEQUANTIZE:
      return before.empty();
    default:
      return false;
  }
}

// Which input of a layer is the bias; of 32 bits in a quantized one, with a scale of its own.
bool is_bias(const Builtin& builtin, std::size_t input) {
  switch (builtin.code) {
    case fb::BuiltinOperator::CONV_2D:
    case fb::BuiltinOperator::DEPTHWISE_CONV_2D:
    case fb::BuiltinOperator::FULLY_CONNECTED:
      return input == 2;
    case fb::BuiltinOperator::TRANSPOSE_CONV:
      return input == 3;
    default:
      return false;
  }
}

class Reader {
 public:
  explicit Reader(const Model& model)
      : model_(model),
        tensors_(model.num_tensors()),
        builder_(kMaxGrowth * model.size_bytes() + kAlwaysAllowedBytes) {}

  Result<ir::Graph> run() {
    const fb::SubGraph& network = model_.network();
    SL_TRY_STATUS(read_inputs(to_span(network.inputs())));
    const auto* operators = network.operators();
    for (std::uint32_t i = 0; operators != nullptr && i < operators->size(); ++i) {
      const fb::Operator& op = *operators->Get(i);
      if (auto status = read_operator(op); !status) {
        return std::move(status).error().at(place_of(op, i));
      }
    }
    SL_TRY(const auto outputs, read_outputs(to_span(network.outputs())));
    if (builder_.exhausted()) return too_much();
    return builder_.finish(network.name() == nullptr ? "" : network.name()->string_view(), outputs);
  }

 private:
  // `operator 3 (CONV_2D) "conv1"`, by the name of what it makes.
  std::string place_of(const fb::Operator& op, std::uint32_t index) const {
    std::string place = fmt::format("operator {} ({})", index, model_.operator_name(op));
    const auto outputs = to_span(op.outputs());
    if (outputs.empty()) return place;
    const auto info = model_.tensor(outputs[0]);
    return info ? fmt::format("{} {}", place, sluice::quoted(info->name)) : place;
  }

  static Error too_much() {
    return {ErrorCode::Unsupported,
            "refers to the same weights or names so often that it would grow far beyond the "
            "file's size; convert the model again"};
  }

  static Status refuse_wide(const TensorInfo& info) {
    if (!is_quantized(info) || info.dtype != DType::Int16) return {};
    return Error{ErrorCode::Unsupported,
                 "is quantized to 16 bits; convert the model to 8 bits, or without quantization",
                 fmt::format("tensor {}", sluice::quoted(info.name))};
  }

  Result<TensorInfo> usable_tensor(std::int32_t index) const {
    SL_TRY(TensorInfo info, model_.tensor(index));
    SL_TRY_STATUS(refuse_wide(info));
    return info;
  }

  TensorValues& values_of(std::int32_t tensor) {
    return tensors_[static_cast<std::size_t>(tensor)];
  }

  Status read_inputs(std::span<const std::int32_t> indices) {
    for (const std::int32_t index : indices) {
      SL_TRY(const TensorInfo info, usable_tensor(index));
      TensorValues& values = values_of(index);
      if (values.made() || !info.content.empty()) {
        return Error{ErrorCode::Verify, "is an input twice, or an input and a constant",
                     fmt::format("tensor {} {}", index, sluice::quoted(info.name))};
      }
      values.as_file = builder_.input(info.name, info.dtype, info.shape);
      if (is_quantized(info)) SL_TRY_STATUS(quantize(values.as_file, info));
      values.is_image_input = info.rank() == 4;
    }
    return {};
  }

  // A constant becomes a value when it is first used. A tensor nothing makes is one too if it has
  // no elements (the shape of a scalar).
  Status make_constant(std::int32_t index, const TensorInfo& info) {
    TensorValues& values = values_of(index);
    if (values.made()) return is_quantized(info) ? check_codes(index, info) : Status();
    const bool has_elements = std::ranges::count(info.shape, 0) == 0;
    if (info.content.empty() && has_elements) {
      return Error{ErrorCode::Verify,
                   "is used before it is made: the operators are not in order, or form a cycle",
                   fmt::format("tensor {} {}", index, sluice::quoted(info.name))};
    }
    SL_TRY(Tensor content, model_.content(info));
    values.as_file = builder_.constant(info.name, std::move(content));
    if (is_quantized(info)) SL_TRY_STATUS(quantize(values.as_file, info));
    return {};
  }

  // The bias of a quantized layer is int32, as lists of axes and shapes are, but has a scale.
  Status make_quantized_bias(std::int32_t index, const TensorInfo& info) {
    if (values_of(index).made()) return {};
    if (info.dtype != DType::Int32 || info.quantization == nullptr || info.content.empty()) {
      return Error{ErrorCode::Unsupported,
                   "is the bias of a quantized layer and must be a constant of int32 with a scale; "
                   "convert the model again",
                   fmt::format("tensor {}", sluice::quoted(info.name))};
    }
    SL_TRY_STATUS(make_constant(index, info));
    return quantize(values_of(index).as_file, info);
  }

  Status quantize(ir::ValueId value, const TensorInfo& info) {
    SL_TRY(auto quantization, quantization_of(info));
    builder_.set_quantization(value, std::move(quantization));
    return {};
  }

  // A tensor is codes for all its readers, or numbers for all.
  Status check_codes(std::int32_t index, const TensorInfo& info) {
    const ir::ValueId value = values_of(index).as_file;
    const Tensor* content = value == ir::kNoValue ? nullptr : builder_.content(value);
    if (content == nullptr || content->dtype() == info.dtype) return {};
    return both_ways(info);
  }

  static Error both_ways(const TensorInfo& info) {
    return {ErrorCode::Unsupported,
            "is read by a quantized layer and by one of float32; convert the model again",
            fmt::format("tensor {}", sluice::quoted(info.name))};
  }

  // The numbers that 8-bit weights stand for; the operator sees a float32 constant. What a
  // quantized layer has read stays codes, which Dequantize takes as well.
  Status make_stored_weight(std::int32_t index, TensorInfo& info, const Builtin& builtin) {
    TensorValues& values = values_of(index);
    if (values.made() && check_codes(index, info)) {
      if (builtin.code == fb::BuiltinOperator::DEQUANTIZE) return {};
      return both_ways(info);
    }
    if (!values.made()) {
      SL_TRY(const Tensor codes, model_.content(info));
      SL_TRY(const auto quantization, quantization_of(info));
      values.as_file = builder_.constant(info.name, numeric::dequantized(codes, quantization));
    }
    info.dtype = DType::Float32;
    return {};
  }

  Result<std::vector<ir::ValueId>> read_outputs(std::span<const std::int32_t> indices) {
    if (indices.empty()) {
      return Error{ErrorCode::Verify, "has no outputs; convert the model again"};
    }
    std::vector<ir::ValueId> outputs;
    for (const std::int32_t index : indices) {
      SL_TRY(const TensorInfo info, usable_tensor(index));
      SL_TRY_STATUS(make_constant(index, info));
      outputs.push_back(value_in(values_of(index), Layout::AsFile, builder_));
      builder_.name_after_tensor(outputs.back(), info.name);
    }
    return outputs;
  }

  Status read_operator(const fb::Operator& op) {
    SL_TRY(const auto code, model_.builtin(op));
    const auto* builtin = std::ranges::find(kBuiltins, code, &Builtin::code);
    if (builtin == std::end(kBuiltins)) {
      return Error{ErrorCode::Unsupported,
                   "is not supported; replace it in the network, or cut the model before it"};
    }
    const auto inputs = to_span(op.inputs());
    const auto outputs = to_span(op.outputs());
    SL_TRY(auto input_infos, read_operands(inputs, *builtin));
    SL_TRY(auto output_infos, read_results(outputs));
    const auto first_quantized = std::ranges::find_if(input_infos, is_quantized);
    if (builtin->on == On::Float && first_quantized != input_infos.end()) {
      return Error{
          ErrorCode::Unsupported,
          "is read for float32 tensors only; convert the model so that it is not quantized",
          fmt::format("tensor {}", sluice::quoted(first_quantized->name))};
    }
    SL_TRY(auto quantization, common_quantization(output_infos));
    Context context(op, inputs, outputs, std::move(input_infos), std::move(output_infos),
                    std::move(quantization), tensors_, builder_);
    SL_TRY_STATUS(builtin->convert(context));
    if (!context.outputs_fit()) {
      return Error{ErrorCode::Unsupported,
                   "moves elements between tensors of different scale or zero point; convert the "
                   "model again"};
    }
    if (builder_.exhausted()) return too_much();
    return {};
  }

  // Of all outputs of an operator; none if they are not quantized.
  static Result<std::optional<numeric::Quantization>> common_quantization(
      std::span<const TensorInfo> outputs) {
    std::optional<numeric::Quantization> common;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      std::optional<numeric::Quantization> own;
      if (is_quantized(outputs[i])) {
        SL_TRY(own, quantization_of(outputs[i]));
      }
      if (i > 0 && own != common) {
        return Error{ErrorCode::Unsupported,
                     "has outputs of different scale or zero point; convert the model again"};
      }
      common = std::move(own);
    }
    return common;
  }

  Result<std::vector<TensorInfo>> read_operands(std::span<const std::int32_t> indices,
                                                const Builtin& builtin) {
    const auto least = static_cast<std::size_t>(builtin.least_inputs);
    const std::size_t most =
        builtin.most_inputs < 0 ? indices.size() : static_cast<std::size_t>(builtin.most_inputs);
    if (indices.size() < least || indices.size() > most) {
      return Error{ErrorCode::Parse, fmt::format("has {} inputs, the operator takes {}",
                                                 indices.size(), builtin.inputs_text())};
    }
    std::vector<TensorInfo> infos;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      infos.emplace_back();
      if (indices[i] == -1 && i >= least) continue;
      SL_TRY(infos.back(), model_.tensor(indices[i]));
      if (is_stored_weight(builtin, std::span(infos).first(i), infos.back())) {
        SL_TRY_STATUS(make_stored_weight(indices[i], infos.back(), builtin));
        continue;
      }
      if (is_bias(builtin, i) && is_quantized(infos[i == 3 ? 2 : 0])) {
        SL_TRY_STATUS(make_quantized_bias(indices[i], infos.back()));
        continue;
      }
      SL_TRY_STATUS(refuse_wide(infos.back()));
      if (infos.back().dtype == DType::Float16 && builtin.code != fb::BuiltinOperator::DEQUANTIZE &&
          builtin.code != fb::BuiltinOperator::CAST) {
        return Error{ErrorCode::Unsupported,
                     "computes in float16; only float16 weights are read: convert the model with "
                     "float32 or float16-weight options"};
      }
      SL_TRY_STATUS(make_constant(indices[i], infos.back()));
    }
    return infos;
  }

  Result<std::vector<TensorInfo>> read_results(std::span<const std::int32_t> indices) {
    if (indices.empty()) return Error{ErrorCode::Parse, "has no outputs"};
    std::vector<TensorInfo> infos;
    for (const std::int32_t index : indices) {
      SL_TRY(infos.emplace_back(), usable_tensor(index));
      TensorValues& values = values_of(index);
      if (values.made() || !infos.back().content.empty()) {
        return Error{ErrorCode::Verify, "is made twice, or is made though it has content",
                     fmt::format("tensor {} {}", index, sluice::quoted(infos.back().name))};
      }
    }
    return infos;
  }

  const Model& model_;
  std::vector<TensorValues> tensors_;
  Builder builder_;
};

Result<ir::Graph> read(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) {
  SL_TRY(const Model model, Model::open(std::move(owner), bytes));
  auto graph = Reader(model).run();
  // Whatever does not fit together is the file's fault, not the caller's.
  if (!graph && graph.error().code == ErrorCode::InvalidArgument) {
    graph.error().code = ErrorCode::Verify;
  }
  return graph;
}

}  // namespace
}  // namespace tflite

Result<ir::Graph> read_tflite(const std::filesystem::path& path) {
  SL_TRY(MappedFile mapped, MappedFile::open(path));
  const auto file = std::make_shared<MappedFile>(std::move(mapped));
  auto graph = tflite::read(file, file->bytes());
  if (graph) return graph;
  return std::move(graph).error().at(path.string());
}

Result<ir::Graph> read_tflite(std::span<const std::byte> bytes) {
  // What operator new gives is aligned to 16, as Model asks.
  const auto owner = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  return tflite::read(owner, *owner);
}

}  // namespace sluice::importer
