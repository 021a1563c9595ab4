// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/encoded_folder.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/base/sha256.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

CodedLayer layer_of_weights(const char* name, const sparse::Alphabet& alphabet) {
  Rng rng(1);
  Tensor codes(DType::Int32, {4, 3, 2, 2});
  for (std::int32_t& code : codes.mutable_data<std::int32_t>()) {
    code = alphabet.code(rng.below(4) == 0 ? rng.below(alphabet.size()) : 0);
  }
  CodedTensor weights{.role = "weights",
                      .value = "w",
                      .alphabet = alphabet,
                      .shape = {4, 3, 2, 2},
                      .stream_axes = {0, 2, 3, 1}};
  weights.codes = std::move(codes);
  return {name, "Conv", {weights}};
}

// A folder of two layers.
std::filesystem::path write_weights(const TempFolder& temp, int word_bits = 32) {
  const std::filesystem::path path = temp.path() / "weights";
  auto writer = EncodedWriter::open(path, {{"model", "net.onnx"}}, word_bits);
  EXPECT_TRUE(writer) << writer.error().text();
  const auto encodings = *sparse::parse_encodings("huffman,huffman7,rle2");
  EXPECT_TRUE(writer->add(layer_of_weights("conv/1", {8, true}), encodings));
  EXPECT_TRUE(writer->add({"relu", "Relu", {}}, encodings));
  EXPECT_TRUE(writer->add(layer_of_weights("conv/2", {20, false}), encodings));
  EXPECT_TRUE(writer->finish());
  return path;
}

TEST(EncodedFolder, StreamsDecodeToTheWeights) {
  const TempFolder temp;
  for (const int word_bits : {1, 8, 13, 32, 72, 512}) {
    const auto decoded = decode_folder(write_weights(temp, word_bits));
    ASSERT_TRUE(decoded) << decoded.error().text();
    ASSERT_EQ(decoded->size(), 4U);  // 20 bits have no Huffman code
    for (const DecodedWeights& weights : *decoded) {
      const bool is_first = weights.layer == "conv/1";
      const CodedLayer layer =
          layer_of_weights("", is_first ? sparse::Alphabet{8, true} : sparse::Alphabet{20, false});
      EXPECT_EQ(weights.codes, *layer.tensors[0].codes);
    }
    EXPECT_EQ(decoded->at(3).layer, "conv/2");
    EXPECT_EQ(to_string(decoded->at(3).encoding), "rle2");
  }
}

TEST(EncodedFolder, FilesAreNamedAfterTheirLayers) {
  const TempFolder temp;
  const auto path = write_weights(temp);
  for (const char* name : {"encoded.json", "000_conv_1_weights.npy",
                           "000_conv_1_weights_huffman.mem", "001_conv_2_weights_rle2.mem"}) {
    EXPECT_TRUE(std::filesystem::exists(path / name)) << name;
  }
}

TEST(EncodedFolder, WritingAgainGivesTheSameBytes) {
  const TempFolder temp;
  const auto path = write_weights(temp);
  const std::string before(MappedFile::open(path / "encoded.json")->text());
  write_weights(temp);
  EXPECT_EQ(before, MappedFile::open(path / "encoded.json")->text());
}

TEST(EncodedFolder, OtherPeoplesFilesAreLeftAlone) {
  const TempFolder temp;
  const auto message = [](const std::filesystem::path& path) {
    const auto writer = EncodedWriter::open(path, Json::object(), 32);
    EXPECT_FALSE(writer);
    EXPECT_EQ(writer.error().code, ErrorCode::InvalidArgument);
    return writer.error().message;
  };
  const auto path = write_weights(temp);
  temp.write("weights/mine.txt", std::string("x"));
  EXPECT_THAT(message(path), HasSubstr("holds mine.txt"));
  EXPECT_THAT(message(path / "mine.txt"), HasSubstr("is no folder"));
  temp.write("other/mine.txt", std::string("x"));
  EXPECT_THAT(message(temp.path() / "other"), HasSubstr("other things than coded weights"));
}

TEST(EncodedFolder, AFileThatWasChangedIsNamed) {
  const TempFolder temp;
  const auto path = write_weights(temp);
  const char* name = "000_conv_1_weights_rle2.mem";
  std::string text(MappedFile::open(path / name)->text());
  text[3] = text[3] == '0' ? '1' : '0';
  ASSERT_TRUE(write_file(path / name, text));
  const auto decoded = decode_folder(path);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::Infeasible);
  EXPECT_THAT(decoded.error().where, HasSubstr(name));
}

// The manifest after a change, and its hash where a file's content is changed too.
Error error_after(const std::function<void(Json&, const std::filesystem::path&)>& change) {
  const TempFolder temp;
  const auto path = write_weights(temp);
  Json manifest = *read_json(path / kEncodedManifest);
  change(manifest, path);
  EXPECT_TRUE(write_file(path / kEncodedManifest, dump_json(manifest)));
  const auto decoded = decode_folder(path);
  EXPECT_FALSE(decoded) << dump_json(manifest);
  return decoded ? Error(ErrorCode::Internal, "decoded") : decoded.error();
}

TEST(EncodedFolder, AStreamOfOtherWeightsIsFoundOut) {
  const Error error = error_after([](Json& json, const std::filesystem::path& path) {
    Json& stream = json["layers"][0]["streams"][2];
    const auto file = path / stream["file"].get<std::string>();
    std::string text(MappedFile::open(file)->text());
    text[0] = text[0] == '0' ? '1' : '0';
    ASSERT_TRUE(write_file(file, text));
    stream["sha256"] = sha256(std::as_bytes(std::span(text)));
  });
  EXPECT_EQ(error.code, ErrorCode::Infeasible);
  EXPECT_THAT(error.message, HasSubstr("decodes to other codes"));
}

TEST(EncodedFolder, ManifestsThatNoWriterMadeAreRefused) {
  using Change = std::function<void(Json&)>;
  const auto layer = [](const Change& change) {
    return [change](Json& json) { change(json["layers"][0]); };
  };
  const auto stream = [](const Change& change) {
    return [change](Json& json) { change(json["layers"][0]["streams"][0]); };
  };
  const auto table = [&](const Change& change) {
    return stream([change](Json& json) { change(json["table"]); });
  };
  const std::vector<Change> changes{
      [](Json& json) { json["format"] = "sluice.encoded/2"; },
      [](Json& json) { json["word_bits"] = 0; },
      [](Json& json) { json["word_bits"] = 33; },
      [](Json& json) { json["layers"] = 1; },
      layer([](Json& json) { json["bits"] = 33; }),
      layer([](Json& json) { json["bits"] = 0; }),
      layer([](Json& json) { json["bits"] = 7; }),
      layer([](Json& json) {
        json["shape"] = {4, 3, 2};
      }),
      layer([](Json& json) {
        json["shape"] = {1LL << 40, 1LL << 40};
      }),
      layer([](Json& json) {
        json["shape"] = {-4, -3, 2, 2};
      }),
      layer([](Json& json) {
        json["stream_axes"] = {0, 1, 2, 2};
      }),
      layer([](Json& json) {
        json["stream_axes"] = {0, 1, 2};
      }),
      layer([](Json& json) { json["more"] = 1; }),
      layer([](Json& json) { json["codes"]["file"] = "../x.npy"; }),
      layer([](Json& json) { json["codes"]["file"] = "encoded.json"; }),
      stream([](Json& json) { json["encoding"] = "rle0"; }),
      stream([](Json& json) { json["encoding"] = "rle32"; }),
      stream([](Json& json) { json["bits"] = -1; }),
      stream([](Json& json) { json["bits"] = json["bits"].get<int>() - 1; }),
      stream([](Json& json) { json["bits"] = std::numeric_limits<std::int64_t>::max(); }),
      stream([](Json& json) { json.erase("table"); }),
      table([](Json& json) {
        json["words_by_length"] = {0, 3};
      }),
      table([](Json& json) {
        json["words_by_length"] = {0, -3};
      }),
      table([](Json& json) {
        json["words_by_length"] = {0, std::numeric_limits<std::int64_t>::max()};
      }),
      table([](Json& json) { json["words_by_length"] = std::vector<int>(100, 1); }),
      table([](Json& json) { json["words_by_length"][0] = 1; }),
      table([](Json& json) { json["words_by_length"].push_back(1); }),
      table([](Json& json) { json["codes"][0] = 1000; }),
      table([](Json& json) { json["codes"].push_back(3); }),
      table([](Json& json) { json["codes"] = "x"; }),
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Error error =
        error_after([&](Json& json, const std::filesystem::path&) { changes[i](json); });
    EXPECT_TRUE(error.code == ErrorCode::Parse || error.code == ErrorCode::Infeasible)
        << i << " " << error.text();
    EXPECT_THAT(error.where, HasSubstr("encoded.json")) << i;
  }
}

TEST(EncodedFolder, AFolderWithoutAManifestIsAnError) {
  const TempFolder temp;
  EXPECT_EQ(decode_folder(temp.path()).error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::api
