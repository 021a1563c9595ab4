// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::exact::golden {
namespace {

namespace fs = std::filesystem;

Result<std::set<std::string>> files_of(const fs::path& folder) {
  SL_TRY(const Manifest manifest, read_manifest(folder));
  std::set<std::string> files;
  for (const Layer& layer : manifest.layers) {
    for (const Array& array : layer.arrays) {
      for (const File& file : array.files) files.insert(file.name);
    }
  }
  return files;
}

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

std::vector<std::int64_t> to_stream(const Tensor& content, const Array& array) {
  return numeric::to_integers(runtime::reference::transposed(content, array.stream_axes));
}

Tensor from_stream(std::span<const std::int64_t> codes, const Array& array) {
  std::vector<std::int64_t> inverse(array.stream_axes.size());
  for (std::size_t i = 0; i < inverse.size(); ++i) {
    inverse[static_cast<std::size_t>(array.stream_axes[i])] = static_cast<std::int64_t>(i);
  }
  const Tensor stream = numeric::cast(
      Tensor::from<std::int64_t>(array.stream_shape(), {codes.begin(), codes.end()}), array.dtype);
  return runtime::reference::transposed(stream, inverse);
}

std::string safe_name(std::string_view name) {
  constexpr std::size_t kMaxLength = 60;
  std::string result(name.substr(0, kMaxLength));
  std::ranges::replace_if(
      result, [](char c) { return !is_safe(c); }, '_');
  return result;
}

Result<Writer> Writer::open(const fs::path& path, Manifest manifest, std::vector<Form> forms) {
  SL_TRY_STATUS(check_replaceable(path, {"golden data", kManifestName, files_of}));
  SL_TRY(NewFolder folder, NewFolder::beside(path));
  return Writer(std::move(folder), std::move(manifest), std::move(forms));
}

Status Writer::add(Layer layer, std::span<const Tensor> contents) {
  SL_ASSERT(contents.size() == layer.arrays.size(), "a content for each array");
  const std::string stem = fmt::format("{:03}_{}", manifest_.layers.size(), safe_name(layer.name));
  for (std::size_t i = 0; i < contents.size(); ++i) {
    Array& array = layer.arrays[i];
    SL_TRY_STATUS(write(fmt::format("{}_{}", stem, array.role), array, contents[i]));
  }
  ++written_.layers;
  written_.arrays += static_cast<std::int64_t>(contents.size());
  manifest_.layers.push_back(std::move(layer));
  return {};
}

Status Writer::write(const std::string& stem, Array& array, const Tensor& content) {
  const WordFormat format = array.words(manifest_.fold);
  std::vector<std::byte> words;
  if (std::ranges::any_of(forms_, [](Form form) { return form != Form::Npy; })) {
    words = pack(to_stream(content, array), format);
  }
  const auto write_form = [&](Form form, std::span<const std::byte> bytes) {
    array.files.push_back({fmt::format("{}.{}", stem, to_string(form)), form, sha256(bytes)});
    ++written_.files;
    written_.bytes += static_cast<std::int64_t>(bytes.size());
    return write_file(folder_.path() / array.files.back().name, bytes);
  };
  for (const Form form : forms_) {
    switch (form) {
      case Form::Npy: {
        SL_TRY(const auto npy, numeric::npy_bytes(content));
        SL_TRY_STATUS(write_form(form, npy));
        break;
      }
      case Form::Mem:
        SL_TRY_STATUS(write_form(form, bytes_of(to_mem(words, format))));
        break;
      case Form::Coe:
        SL_TRY_STATUS(write_form(form, bytes_of(to_coe(words, format))));
        break;
      case Form::Bin:
        SL_TRY_STATUS(write_form(form, words));
        break;
    }
  }
  return {};
}

Result<Summary> Writer::finish(std::string_view tool) {
  SL_TRY_STATUS(write_file(folder_.path() / kManifestName, dump_json(to_json(manifest_, tool))));
  SL_TRY_STATUS(folder_.keep());
  return written_;
}

}  // namespace sluice::exact::golden
