// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/onnx_cases/case.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx.pb.h>
#include <set>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"

namespace sluice::conformance {
namespace {

namespace fs = std::filesystem;

// stem0.pb, stem1.pb, … as long as they exist.
std::vector<fs::path> numbered(const fs::path& folder, const std::string& stem) {
  std::vector<fs::path> files;
  for (;;) {
    fs::path file = folder / fmt::format("{}{}.pb", stem, files.size());
    if (!fs::exists(file)) return files;
    files.push_back(std::move(file));
  }
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

Result<Tolerance> tolerance_of(const fs::path& file) {
  Tolerance tolerance;
  if (!fs::exists(file)) return tolerance;
  SL_TRY(const Json json, read_json(file));
  tolerance.relative = json.value("rtol", tolerance.relative);
  tolerance.absolute = json.value("atol", tolerance.absolute);
  return tolerance;
}

Result<Case> folder_case(const fs::path& folder) {
  Case result{folder.filename().string(), folder / "model.onnx", {}, false, {}};
  SL_TRY(result.tolerance, tolerance_of(folder / "data.json"));
  for (const fs::path& entry : sorted_entries(folder)) {
    if (!entry.filename().string().starts_with("test_data_set_")) continue;
    result.data_sets.push_back({numbered(entry, "input_"), numbered(entry, "output_")});
  }
  return result;
}

Result<Case> light_case(const fs::path& model) {
  const std::string name = model.stem().string();
  Case result{name, model, {{{}, numbered(model.parent_path(), name + "_output_")}}, true, {}};
  // data/real/test_NAME/data.json speaks of data/light/light_NAME.onnx.
  const std::string real = "test_" + name.substr(std::min(name.size(), name.find('_') + 1));
  SL_TRY(result.tolerance,
         tolerance_of(model.parent_path().parent_path() / "real" / real / "data.json"));
  return result;
}

}  // namespace

Result<std::vector<Case>> find_cases(const fs::path& folder) {
  std::vector<Case> cases;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (fs::exists(entry / "model.onnx")) {
      SL_TRY(Case found, folder_case(entry));
      cases.push_back(std::move(found));
    } else if (entry.extension() == ".onnx") {
      SL_TRY(Case found, light_case(entry));
      cases.push_back(std::move(found));
    }
  }
  return cases;
}

std::string subject_of(const fs::path& model) {
  const auto file = MappedFile::open(model);
  ::onnx::ModelProto message;
  if (!file ||
      !message.ParseFromArray(file->bytes().data(), static_cast<int>(file->bytes().size()))) {
    return "unreadable";
  }
  std::set<std::string> op_types;
  for (const auto& node : message.graph().node()) op_types.insert(node.op_type());
  return op_types.size() == 1 ? *op_types.begin() : "several";
}

}  // namespace sluice::conformance
