// SPDX-License-Identifier: Apache-2.0
// Folders of golden data: written layer by layer, read back array by array, verified whole.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/folder.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/golden/manifest.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::golden {

// The array's codes in stream order, and back.
[[nodiscard]] std::vector<std::int64_t> to_stream(const Tensor& content, const Array& array);
[[nodiscard]] Tensor from_stream(std::span<const std::int64_t> codes, const Array& array);

// `name` with all but letters, digits, dot, dash and underscore replaced, cut to 60 characters: for
// file names on any system.
[[nodiscard]] std::string safe_name(std::string_view name);

// What a folder holds.
struct Summary {
  std::int64_t layers = 0;
  std::int64_t arrays = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

class Writer {
 public:
  // Into a new folder that takes the place of `path` when all is written. `manifest` has no layers
  // yet. InvalidArgument, and nothing is touched, if there is anything but golden data.
  static Result<Writer> open(const std::filesystem::path& path, Manifest manifest,
                             std::vector<Form> forms);

  // Writes the layer's arrays, contents[i] being that of layer.arrays[i] in its shape and type;
  // their files are NNN_<layer>_<role>.<form>, NNN counting the layers.
  [[nodiscard]] Status add(Layer layer, std::span<const Tensor> contents);

  // Writes the manifest, and gives the folder its name.
  [[nodiscard]] Result<Summary> finish(std::string_view tool);

 private:
  Writer(NewFolder folder, Manifest manifest, std::vector<Form> forms)
      : folder_(std::move(folder)), manifest_(std::move(manifest)), forms_(std::move(forms)) {}
  Status write(const std::string& stem, Array& array, const Tensor& content);

  NewFolder folder_;
  Manifest manifest_;
  std::vector<Form> forms_;
  Summary written_;
};

// The content of one array, from the first of its files. Parse, with the file as the place, if it
// is not what the manifest says; its hash is not looked at.
[[nodiscard]] Result<Tensor> read_array(const std::filesystem::path& folder,
                                        const Manifest& manifest, const Array& array);

// Reads every file again. Infeasible, with the file as the place, where its hash is another, or its
// integers are not those of the array's other forms: then with the first element that differs.
[[nodiscard]] Result<Summary> verify(const std::filesystem::path& folder);

}  // namespace sluice::exact::golden
