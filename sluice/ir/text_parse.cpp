// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/ir/enum_names.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/ir/text_element.hpp"
#include "sluice/ir/text_fields.hpp"
#include "sluice/ir/text_reader.hpp"

namespace sluice::ir {
namespace {

template <class T>
Result<T> parse_number(TextReader& reader) {
  SL_TRY(const std::string_view text, reader.number());
  if (const auto value = parse_whole<T>(text)) return *value;
  return reader.error(fmt::format("{} is no number that fits here", sluice::quoted(text)));
}

// `3` or, where the shape may be open, `?`.
std::optional<std::int64_t> parse_dim(std::string_view text, bool may_be_open) {
  if (may_be_open && text == "?") return kOpenDim;
  const auto dim = parse_whole<std::int64_t>(text);
  return dim && *dim >= 0 ? dim : std::nullopt;
}

// `float32[1x3x8]`, `float32[]`.
Result<ValueType> parse_type(TextReader& reader, bool may_be_open) {
  SL_TRY(const std::string_view name, reader.word());
  const auto dtype = dtype_from_string(name);
  if (!dtype) return reader.error(fmt::format("{} is no element type", sluice::quoted(name)));
  SL_TRY_STATUS(reader.expect("["));
  SL_TRY(const std::string_view dims, reader.up_to(']'));
  ValueType type{*dtype, {}};
  for (std::size_t begin = 0; !dims.empty() && begin <= dims.size();) {
    const std::size_t end = std::min(dims.find('x', begin), dims.size());
    const std::string_view text = dims.substr(begin, end - begin);
    const auto dim = parse_dim(text, may_be_open);
    if (!dim) return reader.error(fmt::format("{} is no dimension", sluice::quoted(text)));
    type.shape.push_back(*dim);
    begin = end + 1;
  }
  return type;
}

// The same, of a tensor that can be: the shape is checked.
Result<ValueType> parse_closed_type(TextReader& reader) {
  SL_TRY(ValueType type, parse_type(reader, false));
  if (auto status = check_shape(type.shape); !status) return reader.error(status.error().message);
  return type;
}

// `[0.5, -1]`, behind the type.
Result<Tensor> parse_elements(TextReader& reader, const ValueType& type) {
  SL_TRY_STATUS(reader.expect("["));
  if (reader.accept("...")) {
    return reader.error(
        "the elements were left out of this print; print it with more max_elements");
  }
  // Read before anything is allocated: memory follows the text, not what the shape claims.
  std::vector<std::string_view> elements;
  while (!reader.accept("]")) {
    if (!elements.empty()) SL_TRY_STATUS(reader.expect(","));
    SL_TRY(const std::string_view element, reader.number());
    elements.push_back(element);
  }
  if (static_cast<std::int64_t>(elements.size()) != num_elements(type.shape)) {
    return reader.error(fmt::format("{} elements are given for a shape of {}", elements.size(),
                                    sluice::to_string(type.shape)));
  }
  Tensor tensor(type.dtype, type.shape);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!set_element(tensor, i, elements[i])) {
      return reader.error(
          fmt::format("{} is no {}", sluice::quoted(elements[i]), sluice::to_string(type.dtype)));
    }
  }
  if (!has_valid_elements(tensor)) {
    return reader.error(fmt::format("has bits that are no {}", sluice::to_string(type.dtype)));
  }
  return tensor;
}

// The data section, read from front to back.
class DataReader {
 public:
  explicit DataReader(const ParseOptions& options) : options_(options) {}

  // `[4096]`, behind the type and `data`: bytes of the section, none of which was read before.
  Result<Tensor> read(TextReader& reader, const ValueType& type) {
    SL_TRY_STATUS(reader.expect("["));
    SL_TRY(const auto offset_bytes, parse_number<std::uint64_t>(reader));
    SL_TRY_STATUS(reader.expect("]"));
    if (offset_bytes % DataSection::kAlignmentBytes != 0 || offset_bytes < end_bytes_) {
      return reader.error(fmt::format("data begins at {}, must at a multiple of {} from {} on",
                                      offset_bytes, DataSection::kAlignmentBytes, end_bytes_));
    }
    // A shape has at most 2^31 elements.
    const std::uint64_t size_bytes =
        static_cast<std::uint64_t>(num_elements(type.shape)) * storage_bytes(type.dtype);
    const std::uint64_t available = options_.data.size();
    if (offset_bytes > available || size_bytes > available - offset_bytes) {
      return reader.error(fmt::format("{} bytes at {} end beyond the data, which has {}",
                                      size_bytes, offset_bytes, available));
    }
    end_bytes_ = offset_bytes + size_bytes;
    Tensor tensor = Tensor::adopt(type.dtype, type.shape, options_.data_owner,
                                  options_.data.subspan(offset_bytes, size_bytes));
    if (!has_valid_elements(tensor)) {
      return reader.error(
          fmt::format("the data has bytes that are no {}", sluice::to_string(type.dtype)));
    }
    return tensor;
  }

 private:
  const ParseOptions& options_;
  std::uint64_t end_bytes_ = 0;  // of what was read
};

// Attributes: one overload or branch for each kind of type that AttributePrinter prints.
template <class T>
Status parse_fields(TextReader& reader, T& value);

template <class T>
Status parse_named(TextReader& reader, T& value, std::optional<T> (*from_name)(std::string_view)) {
  SL_TRY(const std::string_view name, reader.word());
  const auto named = from_name(name);
  if (!named) return reader.error(fmt::format("{} is no value for this", sluice::quoted(name)));
  value = *named;
  return {};
}

template <class T>
Status parse_value(TextReader& reader, T& value);

template <class T>
Status parse_list(TextReader& reader, std::vector<T>& values) {
  SL_TRY_STATUS(reader.expect("["));
  while (!reader.accept("]")) {
    if (!values.empty()) SL_TRY_STATUS(reader.expect(","));
    T value{};
    SL_TRY_STATUS(parse_value(reader, value));
    values.push_back(value);
  }
  return {};
}

Status parse_grid(TextReader& reader, numeric::Grid& grid) {
  const auto parse_as = [&](auto alternative) -> Status {
    SL_TRY_STATUS(parse_fields(reader, alternative));
    grid = std::move(alternative);
    return {};
  };
  if (reader.accept("affine")) return parse_as(numeric::AffineGrid{});
  if (reader.accept("fixed")) return parse_as(numeric::FixedGrid{});
  if (reader.accept("block")) return parse_as(numeric::BlockGrid{});
  return reader.error("a grid is affine, fixed or block");
}

template <class T>
Status parse_value(TextReader& reader, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = reader.accept("true");
    return value || reader.accept("false") ? Status{} : reader.error("expected true or false");
  } else if constexpr (std::is_same_v<T, DType>) {
    return parse_named<T>(reader, value,
                          [](std::string_view name) { return dtype_from_string(name); });
  } else if constexpr (std::is_enum_v<T>) {
    return parse_named<T>(reader, value,
                          [](std::string_view name) { return enum_from_name<T>(name); });
  } else if constexpr (std::is_arithmetic_v<T>) {
    SL_TRY(value, parse_number<T>(reader));
    return {};
  } else if constexpr (std::is_same_v<T, Tensor>) {
    SL_TRY(const ValueType type, parse_closed_type(reader));
    SL_TRY_STATUS(reader.expect("="));
    SL_TRY(value, parse_elements(reader, type));
    return {};
  } else if constexpr (std::is_same_v<T, numeric::Grid>) {
    return parse_grid(reader, value);
  } else if constexpr (kIsOptional<T>) {
    value.reset();
    if (reader.accept("none")) return {};
    return parse_value(reader, value.emplace());
  } else if constexpr (kIsVector<T>) {
    value.clear();
    return parse_list(reader, value);
  } else {
    return parse_fields(reader, value);
  }
}

// The field of that name, by trying them all; nothing if there is none.
template <class T>
std::optional<Status> parse_field(TextReader& reader, T& value, std::string_view name) {
  std::optional<Status> done;
  const auto attempt = [&](const auto& field) {
    if (field.name == name) done = parse_value(reader, value.*field.member);
  };
  std::apply([&](const auto&... field) { (attempt(field), ...); },
             fields_of(static_cast<const T*>(nullptr)));
  return done;
}

template <class T>
std::vector<std::string_view> field_names() {
  return std::apply(
      [](const auto&... field) { return std::vector<std::string_view>{field.name...}; },
      fields_of(static_cast<const T*>(nullptr)));
}

template <class T>
Status parse_fields(TextReader& reader, T& value) {
  SL_TRY_STATUS(reader.expect("{"));
  std::unordered_set<std::string_view> seen;
  while (!reader.accept("}")) {
    if (!seen.empty()) SL_TRY_STATUS(reader.expect(","));
    SL_TRY(const std::string_view name, reader.word());
    if (!seen.insert(name).second) {
      return reader.error(fmt::format("attribute {} is given twice", sluice::quoted(name)));
    }
    SL_TRY_STATUS(reader.expect("="));
    const std::optional<Status> done = parse_field(reader, value, name);
    if (!done) {
      return reader.error(fmt::format("there is no attribute {}{}", sluice::quoted(name),
                                      did_you_mean(name, field_names<T>())));
    }
    if (!*done) return done->error();
  }
  return {};
}

class GraphParser {
 public:
  GraphParser(TextReader reader, const ParseOptions& options) : reader_(reader), data_(options) {}

  Result<Graph> parse() {
    SL_TRY_STATUS(reader_.expect("graph"));
    SL_TRY(graph_.name, reader_.string());
    SL_TRY_STATUS(reader_.expect("{"));
    while (!reader_.accept("}")) SL_TRY_STATUS(parse_line());
    if (!reader_.at_end()) return reader_.error("there is more after the graph");
    return std::move(graph_);
  }

 private:
  Status parse_line() {
    if (reader_.accept("input")) return parse_input();
    if (reader_.accept("const")) return parse_constant();
    if (reader_.accept("output")) {
      SL_TRY(const ValueId id, parse_use());
      graph_.outputs.push_back(id);
      return {};
    }
    return parse_node();
  }

  // `%x`, a value seen before.
  Result<ValueId> parse_use() {
    SL_TRY_STATUS(reader_.expect("%"));
    SL_TRY(const std::string name, reader_.name());
    const auto known = values_.find(name);
    if (known != values_.end()) return known->second;
    return reader_.error(fmt::format("value {} is used before it is made", sluice::quoted(name)));
  }

  // `%x`, a value not seen before.
  Result<ValueId> parse_new_value() {
    SL_TRY_STATUS(reader_.expect("%"));
    SL_TRY(std::string name, reader_.name());
    const ValueId id{static_cast<std::int32_t>(graph_.values.size())};
    if (name.empty()) return reader_.error("a value must have a name");
    if (!values_.emplace(name, id).second) {
      return reader_.error(fmt::format("value {} is made a second time", sluice::quoted(name)));
    }
    graph_.values.push_back({.name = std::move(name)});
    return id;
  }

  Status parse_input() {
    SL_TRY(const ValueId id, parse_new_value());
    SL_TRY_STATUS(reader_.expect(":"));
    SL_TRY(ValueType declared, parse_type(reader_, true));
    SL_TRY_STATUS(check_declared(declared.shape));
    graph_.inputs.push_back({id, declared.dtype, declared.shape});
    if (reader_.accept("as")) {
      if (!reader_.accept("none")) {
        SL_TRY(graph_[id].type, parse_closed_type(reader_));
      }
    } else if (std::ranges::count(declared.shape, kOpenDim) == 0) {
      graph_[id].type = std::move(declared);
    }
    return parse_quantization(id);
  }

  // Whether the shape can be, open dimensions being 1.
  Status check_declared(sluice::Shape shape) const {
    std::ranges::replace(shape, kOpenDim, std::int64_t{1});
    if (auto status = check_shape(shape); !status) return reader_.error(status.error().message);
    return {};
  }

  // ` quantized {…}`, if it comes next.
  Status parse_quantization(ValueId id) {
    if (!reader_.accept("quantized")) return {};
    return parse_fields(reader_, graph_[id].quantization.emplace());
  }

  Status parse_constant() {
    SL_TRY(const ValueId id, parse_new_value());
    SL_TRY_STATUS(reader_.expect(":"));
    SL_TRY(const ValueType type, parse_closed_type(reader_));
    SL_TRY_STATUS(reader_.expect("="));
    auto content =
        reader_.accept("data") ? data_.read(reader_, type) : parse_elements(reader_, type);
    if (!content) return std::move(content).error();
    graph_[id].type = type;
    graph_[id].constant = *std::move(content);
    return parse_quantization(id);
  }

  // `%y: float32[1] = Relu(%x) {…} by … in {…} "name"`.
  Status parse_node() {
    Node node;
    const std::size_t first_new = graph_.values.size();
    SL_TRY(node.outputs, parse_outputs());
    SL_TRY(const std::string_view op, reader_.word());
    node.op = op_from_name(op);
    if (is<std::monostate>(node.op)) {
      return reader_.error(fmt::format("there is no operator {}", sluice::quoted(op)));
    }
    SL_TRY(node.inputs, parse_inputs(first_new));
    if (reader_.peek('{')) {
      SL_TRY_STATUS(
          std::visit([&](auto& alternative) { return parse_attributes(alternative); }, node.op));
    }
    if (reader_.accept("by")) {
      SL_TRY(const std::string name, reader_.name());
      auto arithmetic = numeric::arithmetic_from_string(name);
      if (!arithmetic) return reader_.error(arithmetic.error().message);
      node.arithmetic = *arithmetic;
    }
    if (reader_.accept("in")) {
      SL_TRY_STATUS(parse_fields(reader_, node.accumulator.emplace()));
    }
    node.name = fmt::format("{}_{}", op, graph_.nodes.size());
    if (reader_.peek('"')) {
      SL_TRY(node.name, reader_.string());
    }
    if (node.name.empty() || !node_names_.insert(node.name).second) {
      return reader_.error(
          fmt::format("node {} has no name of its own", sluice::quoted(node.name)));
    }
    graph_.nodes.push_back(std::move(node));
    return {};
  }

  template <class T>
  Status parse_attributes(T& op) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      return reader_.error("a node without an operator has no attributes");
    } else {
      return parse_fields(reader_, op);
    }
  }

  Result<std::vector<ValueId>> parse_outputs() {
    std::vector<ValueId> outputs;
    while (!reader_.accept("=")) {
      if (!outputs.empty()) SL_TRY_STATUS(reader_.expect(","));
      if (reader_.accept("_")) {
        outputs.push_back(kNoValue);
        continue;
      }
      SL_TRY(const ValueId id, parse_new_value());
      outputs.push_back(id);
      if (reader_.accept(":")) {
        SL_TRY(graph_[id].type, parse_closed_type(reader_));
      }
      SL_TRY_STATUS(parse_quantization(id));
    }
    return outputs;
  }

  // Values from `first_new` on are this node's own outputs.
  Result<std::vector<ValueId>> parse_inputs(std::size_t first_new) {
    SL_TRY_STATUS(reader_.expect("("));
    std::vector<ValueId> inputs;
    while (!reader_.accept(")")) {
      if (!inputs.empty()) SL_TRY_STATUS(reader_.expect(","));
      ValueId id = kNoValue;
      if (!reader_.accept("_")) {
        SL_TRY(id, parse_use());
      }
      if (id != kNoValue && static_cast<std::size_t>(id) >= first_new) {
        return reader_.error("a node reads its own output");
      }
      inputs.push_back(id);
    }
    return inputs;
  }

  TextReader reader_;
  DataReader data_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> values_;
  std::unordered_set<std::string> node_names_;
};

}  // namespace

Result<Graph> parse(std::string_view text) {
  return parse(TextReader(text), {});
}

Result<Graph> parse(TextReader text, const ParseOptions& options) {
  return GraphParser(text, options).parse();
}

}  // namespace sluice::ir
