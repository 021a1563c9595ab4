// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/manifest.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "sluice/base/text.hpp"

namespace sluice::exact::golden {
namespace {

constexpr std::string_view kFormat = "sluice.golden/1";
constexpr std::array<std::string_view, kNumForms> kFormNames{"npy", "mem", "coe", "bin"};

// ---- writing

template <class T, class Of>
Json list_of(const std::vector<numeric::Requantizer>& requantizers, Of of) {
  std::vector<T> list;
  list.reserve(requantizers.size());
  for (const numeric::Requantizer& by : requantizers) list.push_back(of(by));
  return list;
}

Json to_json(const std::vector<numeric::Requantizer>& all) {
  using By = numeric::Requantizer;
  return {{"clamp", {all[0].codes.lowest, all[0].codes.highest}},
          {"mantissas",
           list_of<std::int32_t>(all, [](const By& by) { return by.multiplier.mantissa; })},
          {"exponents", list_of<int>(all, [](const By& by) { return by.multiplier.exponent; })},
          {"factors", list_of<double>(all, [](const By& by) { return by.exact_factor; })},
          {"factors_float32", list_of<float>(all, [](const By& by) { return by.factor; })},
          {"shifts", list_of<int>(all, [](const By& by) { return by.shift; })},
          {"zero_points", list_of<std::int64_t>(all, [](const By& by) { return by.zero_point; })}};
}

Json to_json(const LayerWindow& window) {
  return {{"kernel", window.kernel},
          {"strides", window.strides},
          {"dilations", window.dilations},
          {"pad_begin", window.pad_begin},
          {"pad_end", window.pad_end}};
}

Json to_json(const Array& array, std::int64_t fold) {
  Json json{{"role", array.role}, {"value", array.value}, {"dtype", sluice::to_string(array.dtype)},
            {"bits", array.bits}, {"shape", array.shape}, {"stream_axes", array.stream_axes}};
  if (array.quantization) {
    json["quantization"] = {{"scales", array.quantization->scales},
                            {"zero_points", array.quantization->zero_points},
                            {"axis", array.quantization->axis}};
  }
  const WordFormat words = array.words(fold);
  Json files = Json::array();
  for (const File& file : array.files) {
    Json entry{{"file", file.name},
               {"format", to_string(file.form)},
               {"order", file.form == Form::Npy ? "network" : "stream"}};
    if (file.form != Form::Npy) {
      entry["fold"] = fold;
      entry["word_bits"] = words.word_bits();
      entry["words"] = words.num_words(num_elements(array.shape));
    }
    entry["sha256"] = file.sha256;
    files.push_back(std::move(entry));
  }
  json["files"] = std::move(files);
  return json;
}

Json to_json(const Layer& layer, std::int64_t fold) {
  Json json{{"name", layer.name}, {"op", layer.op}};
  if (layer.arithmetic) json["arithmetic"] = numeric::to_string(*layer.arithmetic);
  if (layer.window) json["window"] = to_json(*layer.window);
  if (!layer.requantizers.empty()) json["requantization"] = to_json(layer.requantizers);
  Json arrays = Json::array();
  for (const Array& array : layer.arrays) arrays.push_back(to_json(array, fold));
  json["arrays"] = std::move(arrays);
  return json;
}

// ---- reading

Result<std::string> string_at(const JsonReader& json, std::string_view key) {
  SL_TRY(const JsonReader member, json.at(key));
  return member.string();
}

Result<std::int64_t> integer_at(const JsonReader& json, std::string_view key, std::int64_t least,
                                std::int64_t most) {
  SL_TRY(const JsonReader member, json.at(key));
  SL_TRY(const std::int64_t value, member.integer());
  if (value < least || value > most) {
    return member.error(fmt::format("is {}, not in {} to {}", value, least, most));
  }
  return value;
}

Result<std::vector<std::int64_t>> integers_at(const JsonReader& json, std::string_view key) {
  SL_TRY(const JsonReader member, json.at(key));
  SL_TRY(const auto elements, member.elements());
  std::vector<std::int64_t> list;
  list.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(list.emplace_back(), element.integer());
  }
  return list;
}

Result<std::vector<double>> numbers_at(const JsonReader& json, std::string_view key) {
  SL_TRY(const JsonReader member, json.at(key));
  SL_TRY(const auto elements, member.elements());
  std::vector<double> list;
  list.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(list.emplace_back(), element.number());
  }
  return list;
}

Result<Shape> shape_at(const JsonReader& json) {
  SL_TRY(Shape shape, integers_at(json, "shape"));
  if (auto status = check_shape(shape); !status) return json.error(status.error().message);
  return shape;
}

Result<std::vector<std::int64_t>> axes_at(const JsonReader& json, std::size_t rank) {
  SL_TRY(const auto axes, integers_at(json, "stream_axes"));
  std::vector<std::int64_t> sorted = axes;
  std::ranges::sort(sorted);
  bool fits = sorted.size() == rank;
  for (std::size_t i = 0; fits && i < rank; ++i) {
    fits = sorted[i] == static_cast<std::int64_t>(i);
  }
  if (!fits) return json.error("stream_axes is no permutation of the shape's dimensions");
  return axes;
}

Result<File> read_file_entry(const JsonReader& json) {
  SL_TRY_STATUS(
      json.only_keys({"file", "format", "order", "fold", "word_bits", "words", "sha256"}));
  File file;
  SL_TRY(file.name, string_at(json, "file"));
  const std::filesystem::path path(file.name);
  if (file.name.empty() || path.filename() != path || file.name == "." || file.name == "..") {
    return json.error(fmt::format("{} is no file of the folder", sluice::quoted(file.name)));
  }
  SL_TRY(const std::string form, string_at(json, "format"));
  auto known = form_from_string(form);
  if (!known) return json.error(known.error().message);
  file.form = *known;
  SL_TRY(file.sha256, string_at(json, "sha256"));
  return file;
}

Result<numeric::Quantization> read_quantization(const JsonReader& json, const Array& of) {
  SL_TRY_STATUS(json.only_keys({"scales", "zero_points", "axis"}));
  numeric::Quantization result{of.dtype, {}, {}, 0};
  SL_TRY(const auto scales, numbers_at(json, "scales"));
  for (const double scale : scales) result.scales.push_back(static_cast<float>(scale));
  SL_TRY(result.zero_points, integers_at(json, "zero_points"));
  if (of.bits < num_bits(of.dtype)) result.bits = of.bits;
  SL_TRY(result.axis, integer_at(json, "axis", 0, static_cast<std::int64_t>(kMaxRank)));
  if (auto status = numeric::check_quantization(result, of.shape); !status) {
    return json.error(status.error().message);
  }
  return result;
}

Result<Array> read_array_entry(const JsonReader& json) {
  SL_TRY_STATUS(json.only_keys(
      {"role", "value", "dtype", "bits", "shape", "stream_axes", "quantization", "files"}));
  Array array;
  SL_TRY(array.role, string_at(json, "role"));
  SL_TRY(array.value, string_at(json, "value"));
  SL_TRY(const std::string dtype, string_at(json, "dtype"));
  const auto known = dtype_from_string(dtype);
  if (!known || !is_integer(*known)) {
    return json.error(fmt::format("{} is no type of integers", sluice::quoted(dtype)));
  }
  array.dtype = *known;
  SL_TRY(const std::int64_t bits, integer_at(json, "bits", 1, num_bits(array.dtype)));
  array.bits = static_cast<int>(bits);
  SL_TRY(array.shape, shape_at(json));
  SL_TRY(array.stream_axes, axes_at(json, array.shape.size()));
  if (json.has("quantization")) {
    SL_TRY(const JsonReader quantization, json.at("quantization"));
    SL_TRY(array.quantization, read_quantization(quantization, array));
  }
  SL_TRY(const JsonReader files, json.at("files"));
  SL_TRY(const auto entries, files.elements());
  for (const JsonReader& entry : entries) {
    SL_TRY(array.files.emplace_back(), read_file_entry(entry));
  }
  return array;
}

Result<LayerWindow> read_window(const JsonReader& json) {
  SL_TRY_STATUS(json.only_keys({"kernel", "strides", "dilations", "pad_begin", "pad_end"}));
  LayerWindow window;
  SL_TRY(window.kernel, integers_at(json, "kernel"));
  SL_TRY(window.strides, integers_at(json, "strides"));
  SL_TRY(window.dilations, integers_at(json, "dilations"));
  SL_TRY(window.pad_begin, integers_at(json, "pad_begin"));
  SL_TRY(window.pad_end, integers_at(json, "pad_end"));
  for (const auto* list :
       {&window.strides, &window.dilations, &window.pad_begin, &window.pad_end}) {
    if (list->size() != window.kernel.size()) {
      return json.error("its lists differ in length; each has one entry a spatial dimension");
    }
  }
  return window;
}

bool is_multiplier(std::int64_t mantissa, std::int64_t exponent) {
  constexpr std::int64_t kHalf = std::int64_t{1} << 30;
  return (mantissa == 0 || (mantissa >= kHalf && mantissa < 2 * kHalf)) && exponent >= -31 &&
         exponent <= 30;
}

Result<std::vector<numeric::Requantizer>> read_requantizers(const JsonReader& json,
                                                            numeric::Arithmetic arithmetic) {
  SL_TRY_STATUS(json.only_keys(
      {"clamp", "mantissas", "exponents", "factors", "factors_float32", "shifts", "zero_points"}));
  constexpr std::int64_t kMostShift = 1000;
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  SL_TRY(const auto clamp, integers_at(json, "clamp"));
  SL_TRY(const auto mantissas, integers_at(json, "mantissas"));
  SL_TRY(const auto exponents, integers_at(json, "exponents"));
  SL_TRY(const auto factors, numbers_at(json, "factors"));
  SL_TRY(const auto factors_float32, numbers_at(json, "factors_float32"));
  SL_TRY(const auto shifts, integers_at(json, "shifts"));
  SL_TRY(const auto zero_points, integers_at(json, "zero_points"));
  const std::size_t count = mantissas.size();
  if (count == 0 || exponents.size() != count || factors.size() != count ||
      factors_float32.size() != count || shifts.size() != count || zero_points.size() != count ||
      clamp.size() != 2 || clamp[0] > clamp[1] || clamp[0] < kLeast || clamp[1] > kMost) {
    return json.error("its lists differ in length, or its clamp is no range of codes");
  }
  std::vector<numeric::Requantizer> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_multiplier(mantissas[i], exponents[i]) || !(factors[i] >= 0 && factors[i] < 0x1p30) ||
        !(factors_float32[i] >= 0 && factors_float32[i] <= 0x1p30) ||
        std::abs(shifts[i]) > kMostShift || zero_points[i] < kLeast || zero_points[i] > kMost) {
      return json.error(fmt::format(
          "channel {} has no factor between 0 and 2^30, or no such shift or zero point", i));
    }
    result.push_back(
        {.arithmetic = arithmetic,
         .exact_factor = factors[i],
         .multiplier = {static_cast<std::int32_t>(mantissas[i]), static_cast<int>(exponents[i])},
         .factor = static_cast<float>(factors_float32[i]),
         .shift = static_cast<int>(shifts[i]),
         .zero_point = zero_points[i],
         .codes = {clamp[0], clamp[1]}});
  }
  return result;
}

Result<Layer> read_layer(const JsonReader& json) {
  SL_TRY_STATUS(json.only_keys({"name", "op", "arithmetic", "window", "requantization", "arrays"}));
  Layer layer;
  SL_TRY(layer.name, string_at(json, "name"));
  SL_TRY(layer.op, string_at(json, "op"));
  if (json.has("arithmetic")) {
    SL_TRY(const std::string name, string_at(json, "arithmetic"));
    auto known = numeric::arithmetic_from_string(name);
    if (!known) return json.error(known.error().message);
    layer.arithmetic = *known;
  }
  if (json.has("window")) {
    SL_TRY(const JsonReader window, json.at("window"));
    SL_TRY(layer.window, read_window(window));
  }
  if (json.has("requantization")) {
    SL_TRY(const JsonReader requantization, json.at("requantization"));
    if (!layer.arithmetic) return requantization.error("needs the layer's arithmetic beside it");
    SL_TRY(layer.requantizers, read_requantizers(requantization, *layer.arithmetic));
  }
  SL_TRY(const JsonReader arrays, json.at("arrays"));
  SL_TRY(const auto entries, arrays.elements());
  for (const JsonReader& entry : entries) {
    SL_TRY(layer.arrays.emplace_back(), read_array_entry(entry));
  }
  return layer;
}

}  // namespace

std::string_view to_string(Form form) noexcept {
  return kFormNames[static_cast<std::size_t>(form)];
}

Result<Form> form_from_string(std::string_view name) {
  const auto* const found = std::ranges::find(kFormNames, name);
  if (found != kFormNames.end()) return static_cast<Form>(found - kFormNames.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no file format {}{}; there are {}", sluice::quoted(name),
                           did_you_mean(name, kFormNames), fmt::join(kFormNames, ", "))};
}

Shape Array::stream_shape() const {
  Shape result;
  result.reserve(shape.size());
  for (const std::int64_t axis : stream_axes) {
    result.push_back(shape[static_cast<std::size_t>(axis)]);
  }
  return result;
}

WordFormat Array::words(std::int64_t fold) const {
  const bool is_signed = integer_range(dtype).least < 0;
  const Shape stream = stream_shape();
  return {bits, is_signed, fold, stream.empty() ? 1 : stream.back()};
}

const Array* Layer::find(std::string_view role) const {
  const auto found = std::ranges::find(arrays, role, &Array::role);
  return found == arrays.end() ? nullptr : &*found;
}

Json to_json(const Manifest& manifest, std::string_view tool) {
  Json layers = Json::array();
  for (const Layer& layer : manifest.layers) layers.push_back(to_json(layer, manifest.fold));
  Json json{{"format", kFormat},
            {"tool", tool},
            {"model", manifest.model},
            {"model_sha256", manifest.model_sha256}};
  if (manifest.input_seed) json["input_seed"] = *manifest.input_seed;
  json["fold"] = manifest.fold;
  json["layers"] = std::move(layers);
  return json;
}

Result<Manifest> manifest_from_json(const Json& json) {
  constexpr std::int64_t kMaxFold = 65536;
  const JsonReader reader(json);
  SL_TRY(const std::string format, string_at(reader, "format"));
  if (format != kFormat) {
    return reader.error(
        fmt::format("is of the format {}, not {}", sluice::quoted(format), kFormat));
  }
  SL_TRY_STATUS(reader.only_keys(
      {"format", "tool", "model", "model_sha256", "input_seed", "fold", "layers"}));
  Manifest manifest;
  SL_TRY(manifest.model, string_at(reader, "model"));
  SL_TRY(manifest.model_sha256, string_at(reader, "model_sha256"));
  if (reader.has("input_seed")) {
    SL_TRY(const std::int64_t seed, integer_at(reader, "input_seed", 0, UINT32_MAX));
    manifest.input_seed = static_cast<std::uint32_t>(seed);
  }
  SL_TRY(manifest.fold, integer_at(reader, "fold", 1, kMaxFold));
  SL_TRY(const JsonReader layers, reader.at("layers"));
  SL_TRY(const auto entries, layers.elements());
  for (const JsonReader& entry : entries) {
    SL_TRY(manifest.layers.emplace_back(), read_layer(entry));
  }
  return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kManifestName;
  SL_TRY(const Json json, read_json(path));
  auto manifest = manifest_from_json(json);
  if (!manifest) return std::move(manifest).error().at(path.string());
  return manifest;
}

bool has_manifest(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::is_regular_file(folder / kManifestName, error);
}

}  // namespace sluice::exact::golden
