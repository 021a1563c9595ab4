// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/encoded_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/base/file.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/exact/golden/words.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/runtime/reference/copy.hpp"
#include "sluice/sparse/huffman.hpp"
#include "sluice/sparse/run_length.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;
using sparse::Encoding;

constexpr std::string_view kEncodedFormat = "sluice.encoded/1";

exact::golden::WordFormat words_of(int word_bits) {
  return {.bits = 1, .is_signed = false, .fold = word_bits, .pixel_size = 1};
}

// ---- writing

// All names of files that a manifest has, at any depth.
void collect_files(const Json& json, std::set<std::string>& files) {
  if (json.is_object() && json.contains("file") && json["file"].is_string()) {
    files.insert(json["file"].get<std::string>());
  }
  for (const Json& member : json) {
    if (member.is_structured()) collect_files(member, files);
  }
}

Result<std::set<std::string>> files_of_encoded(const fs::path& folder) {
  SL_TRY(const Json manifest, read_json(folder / kEncodedManifest));
  std::set<std::string> files;
  collect_files(manifest, files);
  return files;
}

// The words of a Huffman code: how many there are of each length, and their codes in the order of
// the words, which are consecutive numbers in each length.
Json table_of(const sparse::HuffmanCode& code, const sparse::Alphabet& alphabet) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(code.longest()) + 1);
  std::vector<std::int32_t> codes;
  codes.reserve(code.symbols().size());
  for (const std::uint32_t symbol : code.symbols()) {
    ++counts[code.lengths()[symbol]];
    codes.push_back(alphabet.code(symbol));
  }
  return {{"words_by_length", std::move(counts)}, {"codes", std::move(codes)}};
}

DType narrowest(const sparse::Alphabet& alphabet) {
  if (alphabet.bits <= 8) return alphabet.is_signed ? DType::Int8 : DType::UInt8;
  if (alphabet.bits <= 16) return alphabet.is_signed ? DType::Int16 : DType::UInt16;
  return DType::Int32;
}

// ---- reading

Result<std::int64_t> member_integer(const JsonReader& json, std::string_view key,
                                    std::int64_t least, std::int64_t most) {
  SL_TRY(const JsonReader member, json.at(key));
  SL_TRY(const std::int64_t value, member.integer());
  if (value >= least && value <= most) return value;
  return member.error(fmt::format("is {}, not in {} to {}", value, least, most));
}

Result<std::vector<std::int64_t>> member_integers(const JsonReader& json, std::string_view key) {
  SL_TRY(const JsonReader member, json.at(key));
  SL_TRY(const auto elements, member.elements());
  std::vector<std::int64_t> list;
  list.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(list.emplace_back(), element.integer());
  }
  return list;
}

// The lengths of a table's words, by symbol.
Result<sparse::HuffmanCode> read_table(const JsonReader& json, const sparse::Alphabet& alphabet) {
  SL_TRY_STATUS(json.only_keys({"words_by_length", "codes"}));
  SL_TRY(const auto counts, member_integers(json, "words_by_length"));
  SL_TRY(const auto codes, member_integers(json, "codes"));
  if (counts.size() > static_cast<std::size_t>(sparse::kMaxWordBits) + 1) {
    return json.error(fmt::format("has words of more than {} bits", sparse::kMaxWordBits));
  }
  std::vector<std::uint8_t> lengths(alphabet.size());
  std::size_t next = 0;
  for (std::size_t length = 0; length < counts.size(); ++length) {
    for (std::int64_t i = 0; i < counts[length]; ++i, ++next) {
      if (next == codes.size() || !alphabet.contains(codes[next]) || length == 0) {
        return json.error("its words are not as many as its codes, or are of others");
      }
      // In one length the words go up with the codes.
      if (i > 0 && codes[next] <= codes[next - 1]) {
        return json.error("its codes do not go up within a length");
      }
      lengths[alphabet.index(static_cast<std::int32_t>(codes[next]))] =
          static_cast<std::uint8_t>(length);
    }
  }
  if (next != codes.size()) return json.error("its words are not as many as its codes");
  auto code = sparse::HuffmanCode::create(std::move(lengths));
  if (!code) return json.error(code.error().message);
  return code;
}

Result<std::string> member_file(const JsonReader& json) {
  SL_TRY(const JsonReader member, json.at("file"));
  SL_TRY(std::string name, member.string());
  const fs::path path(name);
  if (!name.empty() && path.filename() == path && name != "." && name != "..") return name;
  return member.error(fmt::format("{} is no file of the folder", sluice::quoted(name)));
}

class Decoder {
 public:
  Decoder(const fs::path& folder, int word_bits) : folder_(folder), word_bits_(word_bits) {}

  Status layer(const JsonReader& json, std::vector<DecodedWeights>& decoded) {
    SL_TRY_STATUS(json.only_keys(
        {"name", "op", "value", "bits", "signed", "shape", "stream_axes", "codes", "streams"}));
    SL_TRY(const std::string name, json.string_at("name"));
    SL_TRY(const std::int64_t bits, member_integer(json, "bits", 1, 32));
    SL_TRY(const JsonReader sign, json.at("signed"));
    SL_TRY(const bool is_signed, sign.boolean());
    alphabet_ = {static_cast<int>(bits), is_signed};
    if (bits == 32 && !is_signed) return json.error("has codes that int32 does not hold");
    SL_TRY(shape_, member_integers(json, "shape"));
    if (auto status = check_shape(shape_); !status) return json.error(status.error().message);
    SL_TRY(axes_, member_integers(json, "stream_axes"));
    if (!is_permutation()) return json.error("stream_axes is no permutation of the dimensions");
    SL_TRY(const JsonReader codes, json.at("codes"));
    SL_TRY_STATUS(codes.only_keys({"file", "sha256"}));
    SL_TRY(codes_, read_codes(codes));
    SL_TRY(const JsonReader streams, json.at("streams"));
    SL_TRY(const auto entries, streams.elements());
    for (const JsonReader& entry : entries) {
      SL_TRY(DecodedWeights weights, stream(entry));
      weights.layer = name;
      decoded.push_back(std::move(weights));
    }
    return {};
  }

 private:
  bool is_permutation() const {
    std::vector<std::int64_t> sorted = axes_;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] != static_cast<std::int64_t>(i)) return false;
    }
    return sorted.size() == shape_.size();
  }

  // A file of the folder whose content is as it was written.
  Result<MappedFile> open_file(const JsonReader& json) const {
    SL_TRY(const std::string name, member_file(json));
    SL_TRY(const std::string hash, json.string_at("sha256"));
    SL_TRY(MappedFile file, MappedFile::open(folder_ / name));
    if (sha256(file.bytes()) == hash) return file;
    return Error{ErrorCode::Infeasible, "is not what was written: its SHA-256 is another",
                 (folder_ / name).string()};
  }

  // There are as many as the shape says, so decoding takes memory in proportion to a file.
  Result<Tensor> read_codes(const JsonReader& json) const {
    SL_TRY(const MappedFile file, open_file(json));
    SL_TRY(const Tensor codes, numeric::parse_npy(file.bytes()));
    if (codes.shape() != shape_ || !is_integer(codes.dtype())) {
      return json.error("holds other things than codes of the layer's shape");
    }
    return numeric::cast(codes, DType::Int32);
  }

  Result<DecodedWeights> stream(const JsonReader& json) {
    SL_TRY_STATUS(json.only_keys({"encoding", "file", "sha256", "bits", "words", "table"}));
    SL_TRY(const std::string name, json.string_at("encoding"));
    auto encoding = sparse::parse_encoding(name);
    if (!encoding) return json.error(encoding.error().message);
    SL_TRY(const std::int64_t bits,
           member_integer(json, "bits", 0, std::numeric_limits<std::int64_t>::max()));
    auto codes = decode(json, *encoding, static_cast<std::uint64_t>(bits));
    if (!codes) return std::move(codes).error().at(json.pointer());
    const exact::golden::Array array{.dtype = DType::Int32, .shape = shape_, .stream_axes = axes_};
    const std::vector<std::int64_t> wide(codes->begin(), codes->end());
    DecodedWeights weights{{}, *encoding, exact::golden::from_stream(wide, array)};
    if (weights.codes == codes_) return weights;
    return Error{ErrorCode::Infeasible, "decodes to other codes than the layer's", json.pointer()};
  }

  Result<std::vector<std::int32_t>> decode(const JsonReader& json, const Encoding& encoding,
                                           std::uint64_t bits) const {
    SL_TRY(const MappedFile file, open_file(json));
    SL_TRY(const auto words, exact::golden::parse_mem(file.text(), words_of(word_bits_)));
    SL_TRY(const auto stream, sparse::from_words(words, word_bits_, bits));
    const auto count = static_cast<std::uint64_t>(num_elements(shape_));
    if (encoding.kind == Encoding::Kind::RunLength) {
      return sparse::decode_run_length(stream, alphabet_, encoding.bits, count);
    }
    if (alphabet_.bits > sparse::kMaxSymbolBits) {
      return json.error(
          fmt::format("is a Huffman code of more than {} bits", sparse::kMaxSymbolBits));
    }
    SL_TRY(const JsonReader table, json.at("table"));
    SL_TRY(const auto code, read_table(table, alphabet_));
    return code.decode(stream, alphabet_, count);
  }

  const fs::path& folder_;
  int word_bits_;
  sparse::Alphabet alphabet_;
  Shape shape_;
  std::vector<std::int64_t> axes_;
  Tensor codes_;
};

Result<std::vector<DecodedWeights>> decode_manifest(const fs::path& folder, const Json& manifest) {
  constexpr int kMaxWord = 1 << 16;
  const JsonReader json(manifest);
  SL_TRY_STATUS(json.check_format(kEncodedFormat));
  SL_TRY(const std::int64_t word_bits, member_integer(json, "word_bits", 1, kMaxWord));
  SL_TRY(const JsonReader layers, json.at("layers"));
  SL_TRY(const auto entries, layers.elements());
  Decoder decoder(folder, static_cast<int>(word_bits));
  std::vector<DecodedWeights> decoded;
  for (const JsonReader& entry : entries) SL_TRY_STATUS(decoder.layer(entry, decoded));
  return decoded;
}

}  // namespace

EncodedWriter::EncodedWriter(NewFolder folder, Json manifest, int word_bits)
    : folder_(std::move(folder)), manifest_(std::move(manifest)), word_bits_(word_bits) {}

Result<EncodedWriter> EncodedWriter::open(const fs::path& path, Json about, int word_bits) {
  SL_TRY_STATUS(check_replaceable(path, {"coded weights", kEncodedManifest, files_of_encoded}));
  SL_TRY(NewFolder folder, NewFolder::beside(path));
  Json manifest{{"format", kEncodedFormat}};
  manifest.update(about);
  manifest["word_bits"] = word_bits;
  manifest["layers"] = Json::array();
  return EncodedWriter(std::move(folder), std::move(manifest), word_bits);
}

Status EncodedWriter::add(const CodedLayer& layer, const std::vector<Encoding>& encodings) {
  const auto weights = std::ranges::find(layer.tensors, "weights", &CodedTensor::role);
  if (weights == layer.tensors.end()) return {};
  const std::string stem =
      fmt::format("{:03}_{}_weights", num_layers_++, exact::golden::safe_name(layer.name));
  SL_TRY(const auto npy,
         numeric::npy_bytes(numeric::cast(*weights->codes, narrowest(weights->alphabet))));
  SL_TRY_STATUS(write_file(folder_.path() / (stem + ".npy"), npy));
  SL_TRY(const auto codes, stream_of(*weights, *weights->codes));
  Json streams = Json::array();
  for (const Encoding& encoding : encodings) {
    const bool is_huffman = encoding.kind == Encoding::Kind::Huffman;
    if (is_huffman && weights->alphabet.bits > sparse::kMaxSymbolBits) continue;
    SL_TRY(Json entry, write_stream(stem, *weights, codes, encoding));
    streams.push_back(std::move(entry));
  }
  manifest_["layers"].push_back({{"name", layer.name},
                                 {"op", layer.op},
                                 {"value", weights->value},
                                 {"bits", weights->alphabet.bits},
                                 {"signed", weights->alphabet.is_signed},
                                 {"shape", weights->shape},
                                 {"stream_axes", weights->stream_axes},
                                 {"codes", {{"file", stem + ".npy"}, {"sha256", sha256(npy)}}},
                                 {"streams", std::move(streams)}});
  return {};
}

Result<Json> EncodedWriter::write_stream(const std::string& stem, const CodedTensor& tensor,
                                         const std::vector<std::int32_t>& codes,
                                         const Encoding& encoding) const {
  const std::string file = fmt::format("{}_{}.mem", stem, sparse::to_string(encoding));
  Json entry{{"encoding", sparse::to_string(encoding)}, {"file", file}};
  sparse::BitStream stream;
  Json table;
  if (encoding.kind == Encoding::Kind::RunLength) {
    stream = sparse::encode_run_length(codes, tensor.alphabet, encoding.bits);
  } else {
    std::vector<std::uint64_t> counts(tensor.alphabet.size());
    sparse::count_codes(codes, tensor.alphabet, counts);
    auto lengths =
        sparse::word_lengths(counts, encoding.bits == 0 ? sparse::kMaxWordBits : encoding.bits);
    if (!lengths) return std::move(lengths).error().at(tensor.value);
    SL_TRY(const auto code, sparse::HuffmanCode::create(*std::move(lengths)));
    stream = code.encode(codes, tensor.alphabet);
    table = table_of(code, tensor.alphabet);
  }
  const std::string text =
      exact::golden::to_mem(sparse::to_words(stream, word_bits_), words_of(word_bits_));
  SL_TRY_STATUS(write_file(folder_.path() / file, text));
  entry["sha256"] = sha256(std::as_bytes(std::span(text)));
  entry["bits"] = stream.num_bits;
  entry["words"] = sparse::num_words(stream.num_bits, word_bits_);
  if (!table.is_null()) entry["table"] = std::move(table);
  return entry;
}

Status EncodedWriter::finish() {
  SL_TRY_STATUS(write_file(folder_.path() / kEncodedManifest, dump_json(manifest_)));
  return folder_.keep();
}

Result<std::vector<DecodedWeights>> decode_folder(const fs::path& path) {
  SL_TRY(const Json manifest, read_json(path / kEncodedManifest));
  auto decoded = decode_manifest(path, manifest);
  if (!decoded) return std::move(decoded).error().at((path / kEncodedManifest).string());
  return decoded;
}

}  // namespace sluice::api
