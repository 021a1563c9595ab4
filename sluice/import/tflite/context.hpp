// SPDX-License-Identifier: Apache-2.0
// What the converters of single operators see: the operator in the file, the values of its inputs
// in the dimension order they want, and the graph they add to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/import/tflite/builder.hpp"
#include "sluice/import/tflite/model.hpp"

namespace sluice::importer::tflite {

// The dimension order of a rank-4 value. Values of other ranks are always AsFile.
enum class Layout : unsigned char {
  AsFile,         // as the file has it: [N, H, W, C] for images
  ChannelsFirst,  // [N, C, H, W]
};

// Dimension i of the result is dimension k…[i] of the other order.
inline const Permutation kToChannelsFirst = {0, 3, 1, 2};
inline const Permutation kToFile = {0, 2, 3, 1};

// Where the file's dimension `axis` is in `layout`.
[[nodiscard]] std::int64_t axis_in(Layout layout, std::int64_t axis);

// The IR values a tensor of the file has become, one for each order asked for so far.
struct TensorValues {
  ir::ValueId as_file = ir::kNoValue;
  ir::ValueId channels_first = ir::kNoValue;
  bool is_image_input = false;  // a rank-4 graph input: worked on channels-first from the start

  [[nodiscard]] bool made() const {
    return as_file != ir::kNoValue || channels_first != ir::kNoValue;
  }
};

// One operator. Before a converter is called, the inputs its table line asks for are present and
// made, and there are outputs.
class Context {
 public:
  Context(const fb::Operator& op, std::span<const std::int32_t> input_tensors,
          std::span<const std::int32_t> output_tensors, std::vector<TensorInfo> inputs,
          std::vector<TensorInfo> outputs, std::optional<numeric::Quantization> output_quantization,
          std::span<TensorValues> tensors, Builder& builder)
      : op_(op),
        input_tensors_(input_tensors),
        output_tensors_(output_tensors),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        output_quantization_(std::move(output_quantization)),
        tensors_(tensors),
        builder_(builder) {}

  [[nodiscard]] std::size_t num_inputs() const { return inputs_.size(); }
  [[nodiscard]] std::size_t num_outputs() const { return outputs_.size(); }
  [[nodiscard]] bool has(std::size_t i) const {
    return i < inputs_.size() && input_tensors_[i] >= 0;
  }
  [[nodiscard]] const TensorInfo& in(std::size_t i) const { return inputs_[i]; }
  [[nodiscard]] const TensorInfo& out(std::size_t i = 0) const { return outputs_[i]; }

  // The operator's options, or null where it has none or another operator's.
  template <class Options>
  [[nodiscard]] const Options* options() const {
    return op_.builtin_options_as<Options>();
  }
  // The same for operators that mean nothing without: Parse if they are absent.
  template <class Options>
  [[nodiscard]] Result<const Options*> required_options() const {
    if (const auto* found = options<Options>()) return found;
    return Error{ErrorCode::Parse, "has no options of its kind; convert the model again"};
  }

  // Verify unless input i has `rank` dimensions.
  [[nodiscard]] Status require_rank(std::size_t i, std::size_t rank) const;
  // Verify unless the operator has `count` outputs.
  [[nodiscard]] Status require_outputs(std::size_t count) const;

  // The order input i is best worked on in, for operators that can do either: channels-first if it
  // is an image that is, or will be, so.
  [[nodiscard]] Layout layout_of(std::size_t i) const;
  // ChannelsFirst if that is any input's.
  [[nodiscard]] Layout common_layout() const;

  // Input i in that order (kNoValue if absent); ChannelsFirst for rank 4 only.
  ir::ValueId value(std::size_t i, Layout layout = Layout::AsFile);
  // Input i, to be broadcast against values of rank `rank` in `layout`: the file broadcasts from
  // the last dimension, which is not the last channels-first.
  ir::ValueId broadcast_value(std::size_t i, Layout layout, std::size_t rank);

  // The content of input i if it is a constant, else null.
  [[nodiscard]] const Tensor* content(std::size_t i) { return builder_.content(value(i)); }
  // Input i, a constant of int32 or int64, as a list. Unsupported, with `name` in the message, if
  // it is computed by the network.
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(std::size_t i, std::string_view name);
  // The same for exactly one integer.
  [[nodiscard]] Result<std::int64_t> integer(std::size_t i, std::string_view name);
  // Input i as the int64 value the IR wants, constant or computed.
  ir::ValueId int64_value(std::size_t i);

  ir::ValueId constant(std::string_view what, Tensor content);
  ir::ValueId constant(std::string_view what, const std::vector<std::int64_t>& entries);
  ir::ValueId scalar(std::string_view what, float content);
  // Operators that move elements give them the quantization their input has, all others that of
  // the outputs.
  ir::ValueId emit(ir::Op op, std::vector<ir::ValueId> inputs);
  std::vector<ir::ValueId> emit(ir::Op op, std::vector<ir::ValueId> inputs,
                                std::size_t num_outputs);
  ir::ValueId transposed(ir::ValueId value, const Permutation& permutation) {
    return builder_.transposed(value, permutation);
  }
  // `value` through the activation function that is fused into an operator.
  [[nodiscard]] Result<ir::ValueId> activated(ir::ValueId value, fb::ActivationFunctionType type);

  // Output i is `value`, which is in that order.
  void set_output(std::size_t i, ir::ValueId value, Layout layout = Layout::AsFile);
  // Whether all outputs set so far have the quantization that the file says.
  [[nodiscard]] bool outputs_fit() const { return fits_; }
  // Output 0 is `value` after the fused activation.
  [[nodiscard]] Status finish(ir::ValueId value, Layout layout, fb::ActivationFunctionType type);

 private:
  [[nodiscard]] std::string name_of(std::string_view what) const;

  const fb::Operator& op_;
  std::span<const std::int32_t> input_tensors_;
  std::span<const std::int32_t> output_tensors_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::optional<numeric::Quantization> output_quantization_;
  bool fits_ = true;
  std::span<TensorValues> tensors_;
  Builder& builder_;
};

// `tensor` in that order, made from the other one if need be.
[[nodiscard]] ir::ValueId value_in(TensorValues& tensor, Layout layout, Builder& builder);

}  // namespace sluice::importer::tflite
