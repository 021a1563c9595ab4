// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/context.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "sluice/base/text.hpp"

namespace sluice::importer::tflite {
namespace {

// Lists of axes, pads, sizes and the like are short; longer ones cannot be meant.
constexpr std::int64_t kMaxListEntries = 4096;

std::vector<std::int64_t> to_list(const Tensor& tensor) {
  if (tensor.dtype() == DType::Int64) {
    const auto data = tensor.data<std::int64_t>();
    return {data.begin(), data.end()};
  }
  const auto data = tensor.data<std::int32_t>();
  return {data.begin(), data.end()};
}

}  // namespace

std::int64_t axis_in(Layout layout, std::int64_t axis) {
  // Where dimension `axis` went is what the other permutation says at `axis`.
  return layout == Layout::AsFile ? axis : kToFile[static_cast<std::size_t>(axis)];
}

ir::ValueId value_in(TensorValues& tensor, Layout layout, Builder& builder) {
  SL_ASSERT(tensor.made(), "value of a tensor that is not made yet");
  if (layout == Layout::AsFile) {
    if (tensor.as_file == ir::kNoValue) {
      tensor.as_file = builder.transposed(tensor.channels_first, kToFile);
    }
    return tensor.as_file;
  }
  if (tensor.channels_first == ir::kNoValue) {
    tensor.channels_first = builder.transposed(tensor.as_file, kToChannelsFirst);
  }
  return tensor.channels_first;
}

Status Context::require_rank(std::size_t i, std::size_t rank) const {
  if (in(i).rank() == rank) return {};
  return Error{ErrorCode::Verify,
               fmt::format("input {} {} has {} dimensions, the operator takes {}", i,
                           sluice::quoted(in(i).name), in(i).rank(), rank)};
}

Status Context::require_outputs(std::size_t count) const {
  if (num_outputs() == count) return {};
  return Error{ErrorCode::Verify,
               fmt::format("has {} outputs, the operator makes {}", num_outputs(), count)};
}

Layout Context::layout_of(std::size_t i) const {
  if (!has(i) || in(i).rank() != 4) return Layout::AsFile;
  const TensorValues& tensor = tensors_[static_cast<std::size_t>(input_tensors_[i])];
  const bool image = tensor.is_image_input || tensor.channels_first != ir::kNoValue;
  const bool constant =
      tensor.as_file != ir::kNoValue && builder_.content(tensor.as_file) != nullptr;
  return image && !constant ? Layout::ChannelsFirst : Layout::AsFile;
}

Layout Context::common_layout() const {
  for (std::size_t i = 0; i < num_inputs(); ++i) {
    if (layout_of(i) == Layout::ChannelsFirst) return Layout::ChannelsFirst;
  }
  return Layout::AsFile;
}

ir::ValueId Context::value(std::size_t i, Layout layout) {
  if (!has(i)) return ir::kNoValue;
  SL_ASSERT(layout == Layout::AsFile || in(i).rank() == 4, "only images are channels-first");
  return value_in(tensors_[static_cast<std::size_t>(input_tensors_[i])], layout, builder_);
}

ir::ValueId Context::broadcast_value(std::size_t i, Layout layout, std::size_t rank) {
  const std::size_t own_rank = in(i).rank();
  if (layout == Layout::AsFile || own_rank == 0) return value(i);
  if (own_rank == rank) return value(i, layout);
  const ir::ValueId as_file = value(i);
  if (const Tensor* content = builder_.content(as_file)) {
    Shape shape(rank - own_rank, 1);
    shape.insert(shape.end(), content->shape().begin(), content->shape().end());
    const ir::ValueId operand = constant("operand", content->reshaped(shape));
    if (auto quantization = builder_.quantization(as_file)) {
      if (quantization->is_per_channel()) {
        quantization->axis += static_cast<std::int64_t>(rank - own_rank);
      }
      builder_.set_quantization(operand, *std::move(quantization));
    }
    return transposed(operand, kToChannelsFirst);
  }
  std::vector<std::int64_t> axes(rank - own_rank);
  std::iota(axes.begin(), axes.end(), 0);
  return transposed(emit(ir::Unsqueeze{}, {as_file, constant("axes", axes)}), kToChannelsFirst);
}

Result<std::vector<std::int64_t>> Context::integers(std::size_t i, std::string_view name) {
  const Tensor* list = content(i);
  if (list == nullptr) {
    return Error{
        ErrorCode::Unsupported,
        fmt::format("{} is computed by the network; convert the model with it constant", name)};
  }
  if (list->dtype() != DType::Int32 && list->dtype() != DType::Int64) {
    return Error{ErrorCode::Verify,
                 fmt::format("{} is {}, must be int32 or int64", name, to_string(list->dtype()))};
  }
  if (list->num_elements() > kMaxListEntries) {
    return Error{ErrorCode::Unsupported, fmt::format("{} has {} entries, at most {} are supported",
                                                     name, list->num_elements(), kMaxListEntries)};
  }
  return to_list(*list);
}

Result<std::int64_t> Context::integer(std::size_t i, std::string_view name) {
  SL_TRY(const auto list, integers(i, name));
  if (list.size() == 1) return list[0];
  return Error{ErrorCode::Verify,
               fmt::format("{} has {} entries, must be one integer", name, list.size())};
}

ir::ValueId Context::int64_value(std::size_t i) {
  if (in(i).dtype != DType::Int32) return value(i);
  const Tensor* list = content(i);
  if (list == nullptr) return emit(ir::Cast{DType::Int64}, {value(i)});
  return constant(in(i).name, Tensor::from<std::int64_t>(list->shape(), to_list(*list)));
}

std::string Context::name_of(std::string_view what) const {
  return fmt::format("{}/{}", out().name, what);
}

ir::ValueId Context::constant(std::string_view what, Tensor content) {
  return builder_.constant(name_of(what), std::move(content));
}

ir::ValueId Context::constant(std::string_view what, const std::vector<std::int64_t>& entries) {
  return constant(what,
                  Tensor::from<std::int64_t>({static_cast<std::int64_t>(entries.size())}, entries));
}

ir::ValueId Context::scalar(std::string_view what, float content) {
  return constant(what, Tensor::scalar(content));
}

std::vector<ir::ValueId> Context::emit(ir::Op op, std::vector<ir::ValueId> inputs,
                                       std::size_t num_outputs) {
  const std::string name = name_of(ir::op_name(op));
  const ir::ValueId first = inputs.empty() ? ir::kNoValue : inputs[0];
  const bool moves = ir::is_layout(op);
  auto made = builder_.node(name, std::move(op), std::move(inputs), num_outputs);
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (moves) {
      if (auto same = builder_.quantization(first)) {
        // Scales a channel lie along a dimension that need not be there any more.
        fits_ = fits_ && !same->is_per_channel();
        builder_.set_quantization(made[i], *std::move(same));
      }
    } else if (output_quantization_) {
      builder_.set_quantization(made[i], *output_quantization_);
    }
  }
  return made;
}

ir::ValueId Context::emit(ir::Op op, std::vector<ir::ValueId> inputs) {
  return emit(std::move(op), std::move(inputs), 1)[0];
}

Result<ir::ValueId> Context::activated(ir::ValueId value, fb::ActivationFunctionType type) {
  const auto clipped = [&](float low, float high) {
    return emit(ir::Clip{}, {value, scalar("min", low), scalar("max", high)});
  };
  switch (type) {
    case fb::ActivationFunctionType::NONE:
      return value;
    case fb::ActivationFunctionType::RELU:
      return emit(ir::Relu{}, {value});
    case fb::ActivationFunctionType::RELU_N1_TO_1:
      return clipped(-1, 1);
    case fb::ActivationFunctionType::RELU6:
      return clipped(0, 6);
    default:
      break;
  }
  // The format also names TANH and SIGN_BIT, which its own runtime ignores.
  return Error{ErrorCode::Unsupported,
               fmt::format("has the fused activation function {}; NONE, RELU, RELU6 and "
                           "RELU_N1_TO_1 are supported: make it an operator of its own",
                           static_cast<int>(type))};
}

void Context::set_output(std::size_t i, ir::ValueId value, Layout layout) {
  fits_ = fits_ && builder_.quantization(value) == output_quantization_;
  TensorValues& tensor = tensors_[static_cast<std::size_t>(output_tensors_[i])];
  (layout == Layout::AsFile ? tensor.as_file : tensor.channels_first) = value;
  builder_.name_after_tensor(value, out(i).name);
}

Status Context::finish(ir::ValueId value, Layout layout, fb::ActivationFunctionType type) {
  SL_TRY(const ir::ValueId result, activated(value, type));
  set_output(0, result, layout);
  return {};
}

}  // namespace sluice::importer::tflite
