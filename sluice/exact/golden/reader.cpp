// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::exact::golden {
namespace {

namespace fs = std::filesystem;

// NumPy has no integers of less than 8 bits: those lie in int8 and uint8.
bool is_type_of(const Tensor& tensor, const Array& array) {
  return tensor.shape() == array.shape && is_integer(tensor.dtype()) &&
         storage_bytes(tensor.dtype()) == storage_bytes(array.dtype) &&
         (integer_range(tensor.dtype()).least < 0) == (integer_range(array.dtype).least < 0);
}

Result<Tensor> parse_npy_form(std::span<const std::byte> bytes, const Array& array) {
  SL_TRY(const Tensor tensor, numeric::parse_npy(bytes));
  if (!is_type_of(tensor, array)) {
    return Error{ErrorCode::Parse,
                 fmt::format("holds {} {} where the manifest says {} {}",
                             sluice::to_string(tensor.dtype()), sluice::to_string(tensor.shape()),
                             sluice::to_string(array.dtype), sluice::to_string(array.shape))};
  }
  return numeric::cast(tensor, array.dtype);
}

Result<Tensor> parse_form(const MappedFile& file, Form form, const Array& array,
                          std::int64_t fold) {
  if (form == Form::Npy) return parse_npy_form(file.bytes(), array);
  const WordFormat format = array.words(fold);
  std::vector<std::byte> read;
  std::span<const std::byte> words = file.bytes();
  if (form != Form::Bin) {
    SL_TRY(read,
           form == Form::Mem ? parse_mem(file.text(), format) : parse_coe(file.text(), format));
    words = read;
  }
  SL_TRY(const auto codes, unpack(words, format, num_elements(array.shape)));
  return from_stream(codes, array);
}

// "element 17, at [0, 1, 2, 3], is 5 instead of 4".
std::optional<std::string> first_difference(const Tensor& a, const Tensor& b) {
  const auto of_a = numeric::to_integers(a);
  const auto of_b = numeric::to_integers(b);
  const auto [at, other] = std::ranges::mismatch(of_a, of_b);
  if (at == of_a.end()) return std::nullopt;
  const auto index = at - of_a.begin();
  std::vector<std::int64_t> position;
  position.reserve(a.rank());
  const auto strides = strides_of(a.shape());
  for (std::size_t d = 0; d < a.rank(); ++d) {
    position.push_back(index / strides[d] % a.shape()[d]);
  }
  return fmt::format("element {}, at [{}], is {} instead of {}", index, fmt::join(position, ", "),
                     *at, *other);
}

Error mismatch(std::string what, const fs::path& path) {
  return {ErrorCode::Infeasible, std::move(what), path.string()};
}

// One array: first the files whose hashes are right, which must agree; then what is wrong with the
// others is told by comparison with them.
class ArrayVerifier {
 public:
  ArrayVerifier(const fs::path& folder, const Manifest& manifest, const Array& array)
      : folder_(folder), manifest_(manifest), array_(array) {}

  Status run(Summary& summary) {
    std::vector<const File*> changed;
    for (const File& file : array_.files) {
      SL_TRY(const MappedFile content, MappedFile::open(folder_ / file.name));
      ++summary.files;
      summary.bytes += static_cast<std::int64_t>(content.bytes().size());
      if (sha256(content.bytes()) != file.sha256) {
        changed.push_back(&file);
        continue;
      }
      SL_TRY_STATUS(compare(file, content));
    }
    for (const File* file : changed) {
      SL_TRY(const MappedFile content, MappedFile::open(folder_ / file->name));
      SL_TRY_STATUS(compare(*file, content));
      return mismatch("has another SHA-256 than the manifest says; write the folder again",
                      folder_ / file->name);
    }
    ++summary.arrays;
    return {};
  }

 private:
  Status compare(const File& file, const MappedFile& content) {
    auto tensor = parse_form(content, file.form, array_, manifest_.fold);
    if (!tensor) return mismatch(tensor.error().text(), folder_ / file.name);
    if (!codes_) {
      codes_ = *std::move(tensor);
      return {};
    }
    const auto difference = first_difference(*tensor, *codes_);
    return difference ? mismatch(*difference, folder_ / file.name) : Status();
  }

  const fs::path& folder_;
  const Manifest& manifest_;
  const Array& array_;
  std::optional<Tensor> codes_;  // as the first file has them
};

}  // namespace

Result<Tensor> read_array(const fs::path& folder, const Manifest& manifest, const Array& array) {
  if (array.files.empty()) {
    return Error{ErrorCode::Parse, fmt::format("names no file of its {}", array.role),
                 (folder / kManifestName).string()};
  }
  const File& file = array.files.front();
  const fs::path path = folder / file.name;
  SL_TRY(const MappedFile content, MappedFile::open(path));
  auto tensor = parse_form(content, file.form, array, manifest.fold);
  if (!tensor) return std::move(tensor).error().at(path.string());
  return tensor;
}

Result<Summary> verify(const fs::path& folder) {
  SL_TRY(const Manifest manifest, read_manifest(folder));
  Summary summary;
  for (const Layer& layer : manifest.layers) {
    for (const Array& array : layer.arrays) {
      SL_TRY_STATUS(ArrayVerifier(folder, manifest, array).run(summary));
    }
    ++summary.layers;
  }
  return summary;
}

}  // namespace sluice::exact::golden
