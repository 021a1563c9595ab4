// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/npy.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "sluice/base/bytes.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"

namespace sluice::numeric {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// NumPy's letter and size for each type that both know.
struct NpyType {
  DType dtype;
  std::string_view code;
};
constexpr std::array kTypes = {
    NpyType{DType::Bool, "b1"},    NpyType{DType::Int8, "i1"},    NpyType{DType::UInt8, "u1"},
    NpyType{DType::Int16, "i2"},   NpyType{DType::UInt16, "u2"},  NpyType{DType::Int32, "i4"},
    NpyType{DType::UInt32, "u4"},  NpyType{DType::Int64, "i8"},   NpyType{DType::UInt64, "u8"},
    NpyType{DType::Float16, "f2"}, NpyType{DType::Float32, "f4"}, NpyType{DType::Float64, "f8"},
    NpyType{DType::Int4, "i1"},    NpyType{DType::UInt4, "u1"},   NpyType{DType::Int2, "i1"},
    NpyType{DType::UInt2, "u1"},
};

struct Header {
  DType dtype = DType::Float32;
  std::endian endian = std::endian::native;
  bool fortran_order = false;
  Shape shape;
};

Error malformed(std::string what) {
  return {ErrorCode::Parse, "npy header " + std::move(what)};
}

// Reads the one Python literal a header holds: {'descr': '<f4', 'fortran_order': False, 'shape':
// (2, 3), }, keys in any order.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Result<Header> parse() {
    if (!accept('{')) return malformed("is not a dictionary");
    while (!accept('}')) {
      SL_TRY(const std::string_view key, string());
      if (!accept(':')) return malformed("lacks a colon after a key");
      SL_TRY_STATUS(member(key));
      if (!accept(',') && !peek('}')) return malformed("lacks a comma between members");
    }
    skip_spaces();
    if (!text_.empty()) return malformed("goes on after its dictionary");
    if (!has_type_ || !has_order_ || !has_shape_) {
      return malformed("lacks one of descr, fortran_order and shape");
    }
    return header_;
  }

 private:
  Status member(std::string_view key) {
    if (key == "descr") return type();
    if (key == "fortran_order") return order();
    if (key == "shape") return shape();
    return malformed("has the unknown key " + sluice::quoted(key));
  }

  Status type() {
    skip_spaces();
    if (peek('[')) {
      return Error{ErrorCode::Unsupported, "npy file of records; save the fields one by one"};
    }
    SL_TRY(const std::string_view descr, string());
    has_type_ = true;
    const std::string_view code = descr.substr(std::min<std::size_t>(1, descr.size()));
    const auto* const found =
        std::ranges::find_if(kTypes, [&](const NpyType& type) { return type.code == code; });
    const bool order_known = std::string_view("<>|=").find(descr.substr(0, 1)) < 4;
    if (found == kTypes.end() || descr.empty() || !order_known) {
      return Error{ErrorCode::Unsupported,
                   fmt::format("npy element type {} is not among bool, integers and floats of up "
                               "to 64 bits; convert with astype() before saving",
                               sluice::quoted(descr))};
    }
    header_.dtype = found->dtype;
    if (descr.front() == '<') header_.endian = std::endian::little;
    if (descr.front() == '>') header_.endian = std::endian::big;
    return {};
  }

  Status order() {
    skip_spaces();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      header_.fortran_order = value;
      has_order_ = true;
      return {};
    }
    return malformed("has a fortran_order that is neither True nor False");
  }

  Status shape() {
    if (!accept('(')) return malformed("has a shape that is no tuple");
    header_.shape.clear();
    while (!accept(')')) {
      skip_spaces();
      std::int64_t size = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc{}) return malformed("has a shape whose sizes are no integers");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      accept('L');  // Python 2's long integers
      header_.shape.push_back(size);
      if (!accept(',') && !peek(')')) return malformed("has a shape without commas");
    }
    has_shape_ = true;
    return check_shape(header_.shape);
  }

  // A string in single or double quotes; escapes do not occur in what NumPy writes.
  Result<std::string_view> string() {
    skip_spaces();
    const std::size_t end = text_.empty() ? text_.npos : text_.find(text_.front(), 1);
    if (end == text_.npos || (text_.front() != '\'' && text_.front() != '"')) {
      return malformed("has no string where one is due");
    }
    const std::string_view content = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return content;
  }

  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
  }
  bool peek(char c) {
    skip_spaces();
    return text_.starts_with(c);
  }
  bool accept(char c) {
    if (!peek(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
  Header header_;
  bool has_type_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

// Copies `from`, in column-major order, to `to`, in row-major order.
void transpose_from_fortran(const Shape& shape, std::size_t item, const std::byte* from,
                            std::span<std::byte> to) {
  const std::size_t rank = shape.size();
  std::vector<std::size_t> strides(rank, item);  // in bytes, of the column-major source
  for (std::size_t d = 1; d < rank; ++d) {
    strides[d] = strides[d - 1] * static_cast<std::size_t>(shape[d - 1]);
  }
  std::vector<std::int64_t> index(rank, 0);
  std::size_t offset = 0;
  for (std::size_t written = 0; written < to.size(); written += item) {
    std::memcpy(to.data() + written, from + offset, item);
    for (std::size_t d = rank; d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d]) break;
      offset -= strides[d] * static_cast<std::size_t>(shape[d]);
      index[d] = 0;
    }
  }
}

template <class Word>
void reverse_each(std::span<std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(Word)) {
    Word word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word = reverse_bytes(word);
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
}

void reverse_items(std::span<std::byte> bytes, std::size_t item) {
  if (item == 2) reverse_each<std::uint16_t>(bytes);
  if (item == 4) reverse_each<std::uint32_t>(bytes);
  if (item == 8) reverse_each<std::uint64_t>(bytes);
}

Tensor tensor_of(const Header& header, std::span<const std::byte> data) {
  Tensor tensor(header.dtype, header.shape);
  const std::span<std::byte> out = tensor.mutable_bytes();
  const std::size_t item = storage_bytes(header.dtype);
  if (header.fortran_order) {
    transpose_from_fortran(header.shape, item, data.data(), out);
  } else {
    std::ranges::copy(data, out.begin());
  }
  if (header.endian != std::endian::native) reverse_items(out, item);
  if (header.dtype == DType::Bool) {  // any other byte than 0 and 1 is no bool in C++
    for (std::byte& b : out) b = std::byte{b != std::byte{0}};
  }
  return tensor;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<Tensor> parse_npy(std::span<const std::byte> bytes) {
  if (bytes.size() < 10 || !as_text(bytes).starts_with(kMagic)) {
    return Error{ErrorCode::Parse, "is not an npy file (it does not start with \\x93NUMPY)"};
  }
  const auto version = std::to_integer<int>(bytes[6]);
  if (version < 1 || version > 3) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("npy format version {}; only 1, 2 and 3 are known", version)};
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = 8 + length_bytes;
  if (bytes.size() < start) return malformed("is cut short");
  const std::size_t length =
      version == 1 ? load_little<std::uint16_t>(&bytes[8]) : load_little<std::uint32_t>(&bytes[8]);
  if (bytes.size() - start < length) return malformed("is cut short");
  SL_TRY(const Header header, HeaderParser(as_text(bytes.subspan(start, length))).parse());
  const std::span<const std::byte> data = bytes.subspan(start + length);
  const std::size_t expected =
      static_cast<std::size_t>(num_elements(header.shape)) * storage_bytes(header.dtype);
  if (data.size() != expected) {
    return Error{ErrorCode::Parse,
                 fmt::format("npy array of shape {} and type {} needs {} bytes, the file has {}",
                             sluice::to_string(header.shape), to_string(header.dtype), expected,
                             data.size())};
  }
  return tensor_of(header, data);
}

Result<Tensor> read_npy(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  auto tensor = parse_npy(file.bytes());
  if (!tensor) return std::move(tensor).error().at(path.string());
  return tensor;
}

Result<std::vector<std::byte>> npy_bytes(const Tensor& tensor) {
  const auto* const type = std::ranges::find(kTypes, tensor.dtype(), &NpyType::dtype);
  if (type == kTypes.end()) {
    return Error{ErrorCode::Unsupported, fmt::format("NumPy has no type for {}; convert to float32",
                                                     to_string(tensor.dtype()))};
  }
  static_assert(std::endian::native == std::endian::little, "elements are written as they lie");
  const char order = type->code.back() == '1' ? '|' : '<';
  const char* const comma = tensor.rank() == 1 ? "," : "";
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   order, type->code, fmt::join(tensor.shape(), ", "), comma);
  // The data start at a multiple of 64 bytes; a newline ends the header.
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  if (header.size() > 0xffff) {
    return Error{ErrorCode::Unsupported, "too many dimensions for an npy header"};
  }
  std::string head(kMagic);
  head += {'\x01', '\x00', static_cast<char>(header.size() & 0xffU),
           static_cast<char>(header.size() >> 8U)};
  head += header;
  const auto head_bytes = std::as_bytes(std::span(head));
  std::vector<std::byte> out(head_bytes.begin(), head_bytes.end());
  out.insert(out.end(), tensor.bytes().begin(), tensor.bytes().end());
  return out;
}

Status write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  auto bytes = npy_bytes(tensor);
  if (!bytes) return std::move(bytes).error().at(path.string());
  return write_file(path, *bytes);
}

}  // namespace sluice::numeric
