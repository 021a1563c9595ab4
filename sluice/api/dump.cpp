// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/dump.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <system_error>

#include "sluice/base/json.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/numeric/npz.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::int64_t, 4> kToChannelsFirst{0, 3, 1, 2};

Result<Dump> read_golden(const fs::path& folder) {
  SL_TRY(const auto manifest, exact::golden::read_manifest(folder));
  Dump dump;
  for (const auto& layer : manifest.layers) {
    for (const auto& array : layer.arrays) {
      const bool is_activation =
          array.role.starts_with("input") || array.role.starts_with("output");
      if (!is_activation || dump.arrays.contains(array.value)) continue;
      SL_TRY(dump.arrays[array.value], exact::golden::read_array(folder, manifest, array));
    }
  }
  return dump;
}

// From t<id> to the tensor's name; empty without the file.
Result<std::map<std::string, std::string>> read_names(const fs::path& folder) {
  std::map<std::string, std::string> names;
  const fs::path path = folder / "tensors.json";
  std::error_code error;
  if (!fs::exists(path, error)) return names;
  SL_TRY(const Json json, read_json(path));
  JsonReader list(json);
  const auto read = [&]() -> Status {
    if (list.has("tensors")) {
      SL_TRY(list, list.at("tensors"));
    }
    SL_TRY(const auto tensors, list.elements());
    for (const JsonReader& tensor : tensors) {
      SL_TRY(const JsonReader id, tensor.at("id"));
      SL_TRY(const std::int64_t number, id.integer());
      SL_TRY(const JsonReader name, tensor.at("name"));
      SL_TRY(names[fmt::format("t{}", number)], name.string());
    }
    return {};
  };
  if (auto status = read(); !status) return std::move(status).error().at(path.string());
  return names;
}

class DumpReader {
 public:
  explicit DumpReader(std::map<std::string, std::string> names) : names_(std::move(names)) {}

  Status add_npz(const fs::path& path) {
    SL_TRY(auto arrays, numeric::read_npz(path));
    for (numeric::NamedArray& array : arrays) add(array.name, std::move(array.tensor));
    return {};
  }

  Status add_npy(const fs::path& path) {
    SL_TRY(Tensor tensor, numeric::read_npy(path));
    if (path.filename() == "input.npy") {
      dump_.input = std::move(tensor);
    } else {
      add(path.stem().string(), std::move(tensor));
    }
    return {};
  }

  Dump take() { return std::move(dump_); }

 private:
  void add(const std::string& key, Tensor tensor) {
    const auto name = names_.find(key);
    dump_.arrays.insert_or_assign(name == names_.end() ? key : name->second, std::move(tensor));
  }

  std::map<std::string, std::string> names_;
  Dump dump_;
};

Result<Dump> read_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    files.push_back(entry.path());
  }
  if (error) return Error{ErrorCode::Io, "cannot list the folder: " + error.message(), folder};
  std::ranges::sort(files);
  if (std::ranges::count(files, ".npz", &fs::path::extension) > 1) {
    return Error{ErrorCode::InvalidArgument, "holds several .npz files; give one of them", folder};
  }
  SL_TRY(auto names, read_names(folder));
  DumpReader reader(std::move(names));
  for (const fs::path& file : files) {
    if (file.extension() == ".npy") SL_TRY_STATUS(reader.add_npy(file));
    if (file.extension() == ".npz") SL_TRY_STATUS(reader.add_npz(file));
  }
  return reader.take();
}

bool is_transposed(const Tensor& array, const Shape& shape) {
  if (shape.size() != 4 || array.rank() != 4) return false;
  for (std::size_t d = 0; d < 4; ++d) {
    if (array.shape()[static_cast<std::size_t>(kToChannelsFirst[d])] != shape[d]) return false;
  }
  return true;
}

// The graph's quantized value that an array is named after, or kNoValue.
ir::ValueId find_value(const ir::Graph& graph, const std::string& name) {
  std::vector<ir::ValueId> alike;  // by their names in files
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    const ir::Value& value = graph.values[v];
    if (!value.quantization || value.constant) continue;
    const ir::ValueId id{static_cast<std::int32_t>(v)};
    if (value.name == name) return id;
    if (exact::golden::safe_name(value.name) == name) alike.push_back(id);
  }
  return alike.size() == 1 ? alike[0] : ir::kNoValue;
}

struct Match {
  ir::ValueId id = ir::kNoValue;
  const std::string* name = nullptr;
  const Tensor* array = nullptr;
  bool fits = false;             // as it lies
  bool fits_transposed = false;  // as channels last
};

// The array with the value's shape and type.
Result<Tensor> laid_out(const Match& match, const ir::ValueType& type, bool from_channels_last) {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::Parse, std::move(what),
                 fmt::format("array {}", sluice::quoted(*match.name))};
  };
  if (!match.fits && !match.fits_transposed) {
    return refuse(fmt::format("has the shape {} where the network has {}",
                              sluice::to_string(match.array->shape()),
                              sluice::to_string(type.shape)));
  }
  if (!is_integer(match.array->dtype())) {
    return refuse(fmt::format("holds {} where the network has codes of {}",
                              sluice::to_string(match.array->dtype()),
                              sluice::to_string(type.dtype)));
  }
  const Tensor ordered = from_channels_last
                             ? runtime::reference::transposed(*match.array, kToChannelsFirst)
                             : *match.array;
  const Tensor codes = numeric::cast(ordered, type.dtype);
  if (numeric::to_integers(codes) != numeric::to_integers(ordered)) {
    return refuse(
        fmt::format("holds integers that are no codes of {}", sluice::to_string(type.dtype)));
  }
  return codes;
}

}  // namespace

Result<Dump> read_dump(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return Error{ErrorCode::Io, "cannot open: No such file or directory", path.string()};
  }
  if (exact::golden::has_manifest(path)) return read_golden(path);
  if (fs::is_directory(path, error)) return read_folder(path);
  SL_TRY(auto names, read_names(path.parent_path()));
  DumpReader reader(std::move(names));
  SL_TRY_STATUS(reader.add_npz(path));
  const fs::path input = path.parent_path() / "input.npy";
  if (fs::exists(input, error)) SL_TRY_STATUS(reader.add_npy(input));
  return reader.take();
}

Result<exact::compare::Values> values_of(const Dump& dump, const ir::Graph& graph) {
  std::vector<Match> matches;
  bool is_channels_last = false;  // some array can only be so
  for (const auto& [name, array] : dump.arrays) {
    const ir::ValueId id = find_value(graph, name);
    if (id == ir::kNoValue) continue;
    const Shape& shape = graph.type(id).shape;
    matches.push_back({id, &name, &array, array.shape() == shape, is_transposed(array, shape)});
    is_channels_last = is_channels_last || (!matches.back().fits && matches.back().fits_transposed);
  }
  exact::compare::Values values;
  for (const Match& match : matches) {
    // As many rows and columns as channels: as the other arrays lie, but inputs as the file has
    // them.
    const bool is_input = std::ranges::count(graph.inputs, match.id, &ir::GraphInput::value) > 0;
    const bool from_last =
        match.fits_transposed && (!match.fits || (is_channels_last && !is_input));
    SL_TRY(Tensor content, laid_out(match, graph.type(match.id), from_last));
    values.insert_or_assign(match.id, std::move(content));
  }
  return values;
}

}  // namespace sluice::api
