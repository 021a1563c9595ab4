// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/parse.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <limits>
#include <unordered_set>

#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/onnx/proto.hpp"

namespace sluice::importer::onnx {
namespace {

namespace io = google::protobuf::io;

constexpr std::size_t kMaxMessageBytes = std::numeric_limits<std::int32_t>::max();

// Reads a mapped file front to back and gives the memory of what is read back to the system, so
// that the weights are in memory once while they are copied out.
class MappedStream final : public io::ZeroCopyInputStream {
 public:
  explicit MappedStream(const MappedFile& file) : file_(file) {}

  bool Next(const void** data, int* size) override {
    file_.forget(position_);
    const auto chunk = file_.bytes().subspan(position_).first(
        std::min(kChunkBytes, file_.bytes().size() - position_));
    *data = chunk.data();
    *size = static_cast<int>(chunk.size());
    position_ += chunk.size();
    return !chunk.empty();
  }
  void BackUp(int count) override { position_ -= static_cast<std::size_t>(count); }
  bool Skip(int count) override {
    const std::size_t step =
        std::min(static_cast<std::size_t>(count), file_.bytes().size() - position_);
    position_ += step;
    return step == static_cast<std::size_t>(count);
  }
  std::int64_t ByteCount() const override { return static_cast<std::int64_t>(position_); }

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
  const MappedFile& file_;
  std::size_t position_ = 0;
};

Result<Model> parse_stream(io::ZeroCopyInputStream& stream, std::size_t size_bytes,
                           ExternalFiles& files) {
  if (size_bytes > kMaxMessageBytes) {
    return Error{ErrorCode::Parse,
                 fmt::format("has {} bytes, an ONNX file has at most 2 GiB; keep the weights as "
                             "external data",
                             size_bytes)};
  }
  ::onnx::ModelProto message;
  const bool parsed = message.ParseFromBoundedZeroCopyStream(&stream, static_cast<int>(size_bytes));
  if (!parsed || !message.has_graph()) {
    return Error{ErrorCode::Parse, "is not an ONNX model, or is cut off"};
  }
  return take_model(message, files);
}

}  // namespace

Result<Model> parse_model(const MappedFile& file, ExternalFiles& files) {
  MappedStream stream(file);
  return parse_stream(stream, file.bytes().size(), files);
}

Result<Model> parse_model(std::span<const std::byte> bytes, ExternalFiles& files) {
  io::ArrayInputStream stream(bytes.data(),
                              static_cast<int>(std::min(bytes.size(), kMaxMessageBytes)));
  return parse_stream(stream, bytes.size(), files);
}

}  // namespace sluice::importer::onnx

namespace sluice::importer {

Result<NamedTensor> read_onnx_tensor(const std::filesystem::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  ::onnx::TensorProto message;
  const std::span<const std::byte> bytes = file.bytes();
  if (bytes.size() > onnx::kMaxMessageBytes ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error{ErrorCode::Parse, "is not an ONNX tensor, or is cut off", path.string()};
  }
  onnx::ExternalFiles files(path.parent_path());
  auto content = onnx::take_tensor(message, files);
  if (!content) return std::move(content).error().at(path.string());
  return NamedTensor{message.name(), *std::move(content)};
}

}  // namespace sluice::importer
