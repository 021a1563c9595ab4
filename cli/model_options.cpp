// SPDX-License-Identifier: Apache-2.0
#include "cli/model_options.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string_view>

#include "sluice/base/text.hpp"

namespace sluice::cli {
namespace {

// "1x3x224x224"
Result<Shape> parse_shape(std::string_view text) {
  Shape shape;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    std::int64_t dim = 0;
    const auto [rest, error] = std::from_chars(at, end, dim);
    if (error != std::errc{} || dim <= 0) break;
    shape.push_back(dim);
    if (rest == end) return shape;
    if (*rest != 'x') break;
    at = rest + 1;
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{} is not a shape like 1x3x224x224", sluice::quoted(text))};
}

}  // namespace

void ModelOptions::declare(CLI::App& app, bool required) {
  auto* model = app.add_option("MODEL", path, "network to read: .onnx, .tflite or .sluice");
  if (required) model->required();
  app.add_option("--input-shape", input_shapes,
                 "NAME=1x3x224x224: the shape of an input that the model leaves open");
}

Result<std::vector<ir::ShapeOverride>> ModelOptions::shapes() const {
  std::vector<ir::ShapeOverride> result;
  for (const std::string& text : input_shapes) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("{} is not NAME=1x3x224x224", sluice::quoted(text)),
                   "--input-shape"};
    }
    auto shape = parse_shape(std::string_view(text).substr(equals + 1));
    if (!shape) return std::move(shape).error().at("--input-shape");
    result.push_back({text.substr(0, equals), *std::move(shape)});
  }
  return result;
}

}  // namespace sluice::cli
