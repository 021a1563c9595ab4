// SPDX-License-Identifier: Apache-2.0
// A folder of coded weights: the streams as memory words, what decodes them, and the codes that
// they decode to. Its manifest is encoded.json, format sluice.encoded/1; docs/reference/encoding.md
// explains every key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/api/coded_network.hpp"
#include "sluice/base/folder.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/numeric/tensor.hpp"
#include "sluice/sparse/encoding.hpp"

namespace sluice::api {

inline constexpr std::string_view kEncodedManifest = "encoded.json";

class EncodedWriter {
 public:
  // Into a new folder that takes the place of `path` when all is written. InvalidArgument, and
  // nothing is touched, if there is anything but coded weights. `about` are the manifest's first
  // members.
  static Result<EncodedWriter> open(const std::filesystem::path& path, Json about, int word_bits);

  // Codes the weights of a layer, if it has any, in each encoding that it can have: a Huffman code
  // is for alphabets of at most 16 bits.
  [[nodiscard]] Status add(const CodedLayer& layer, const std::vector<sparse::Encoding>& encodings);
  // Writes the manifest, and gives the folder its name.
  [[nodiscard]] Status finish();

 private:
  EncodedWriter(NewFolder folder, Json manifest, int word_bits);
  [[nodiscard]] Result<Json> write_stream(const std::string& stem, const CodedTensor& tensor,
                                          const std::vector<std::int32_t>& codes,
                                          const sparse::Encoding& encoding) const;

  NewFolder folder_;
  Json manifest_;
  int word_bits_;
  std::int64_t num_layers_ = 0;
};

// The weights of one layer in one encoding, read back.
struct DecodedWeights {
  std::string layer;
  sparse::Encoding encoding;
  Tensor codes;  // int32, in the order of the network
};

// Decodes every stream of a folder from its words and its table. Infeasible, with the place, where
// a file is not what was written, or a stream decodes to other codes than the layer's; Parse for
// what no writer of ours makes.
[[nodiscard]] Result<std::vector<DecodedWeights>> decode_folder(const std::filesystem::path& path);

}  // namespace sluice::api
