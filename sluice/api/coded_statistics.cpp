// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/coded_statistics.hpp"

#include <algorithm>
#include <map>

#include "sluice/api/image_batches.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

// What belongs to the first `images` of a batch of `batch`: all where the value has no batch.
Tensor content_of(const Tensor& content, std::int64_t images, std::int64_t batch) {
  const bool is_whole = images == batch || content.rank() == 0 || content.shape()[0] != batch;
  return is_whole ? content : first_of(content, images);
}

}  // namespace

CodedStatistics::CodedStatistics(const CodedNetwork& network,
                                 const std::vector<sparse::Encoding>& encodings,
                                 sparse::Rules rules)
    : network_(network), num_encodings_(encodings.size()) {
  for (const CodedLayer& layer : network_.layers) {
    for (const CodedTensor& tensor : layer.tensors) {
      watched_.push_back({&tensor, {tensor.alphabet, encodings, rules}});
      if (tensor.source != ir::kNoValue) sources_.push_back(tensor.source);
    }
  }
  std::ranges::sort(sources_);
  sources_.erase(std::unique(sources_.begin(), sources_.end()), sources_.end());
}

Status CodedStatistics::add(runtime::Executor& executor, std::span<const Tensor> inputs,
                            std::int64_t images) {
  SL_TRY(const auto seen, runtime::observe(executor, network_.graph, inputs, sources_));
  const std::int64_t batch = inputs[0].shape()[0];
  return for_each([&](Watched& watched) -> Status {
    const CodedTensor& tensor = *watched.tensor;
    if (tensor.codes) return {};
    SL_TRY(const auto stream, stream_of(tensor, content_of(seen.at(tensor.source), images, batch)));
    watched.statistics.add(stream, images);
    return {};
  });
}

Status CodedStatistics::add_weights() {
  return for_each([](Watched& watched) -> Status {
    const CodedTensor& tensor = *watched.tensor;
    if (!tensor.codes) return {};
    SL_TRY(const auto stream, stream_of(tensor, *tensor.codes));
    watched.statistics.add(stream);
    return {};
  });
}

Status CodedStatistics::for_each(const std::function<Status(Watched&)>& visit) {
  std::vector<Status> done(watched_.size());
  parallel_for(
      static_cast<std::int64_t>(watched_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          done[i] = visit(watched_[i]);
        }
      });
  for (Status& status : done) SL_TRY_STATUS(std::move(status));
  return {};
}

Result<std::vector<LayerCompression>> CodedStatistics::results() const {
  std::vector<LayerCompression> layers;
  layers.reserve(network_.layers.size());
  auto next = watched_.begin();
  for (const CodedLayer& coded : network_.layers) {
    LayerCompression layer{coded.name, coded.op, {}};
    layer.tensors.reserve(coded.tensors.size());
    for (const CodedTensor& tensor : coded.tensors) {
      const sparse::CodeStatistics& statistics = (next++)->statistics;
      const auto images =
          static_cast<std::uint64_t>(std::max<std::int64_t>(statistics.images(), 1));
      TensorCompression row{.role = tensor.role,
                            .value = tensor.value,
                            .alphabet = tensor.alphabet,
                            .shape = tensor.shape,
                            .codes = statistics.codes() / images,
                            .entropy_ratio = statistics.entropy_ratio()};
      row.compressions.reserve(num_encodings_);
      for (std::size_t i = 0; i < num_encodings_; ++i) {
        auto found = statistics.compression(i);
        if (!found) return std::move(found).error().at(tensor.value);
        row.compressions.push_back(*found);
      }
      layer.tensors.push_back(std::move(row));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace sluice::api
