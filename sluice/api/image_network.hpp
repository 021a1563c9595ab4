// SPDX-License-Identifier: Apache-2.0
// ImageNetwork: a network whose input is images, and the images, made ready to run in one format
// after another. What eval, sparsity, encode and the sensitivity of layers go through.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sluice/api/image_batches.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/result.hpp"
#include "sluice/data/loader.hpp"
#include "sluice/data/metrics.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/quant/integer_format.hpp"

namespace sluice::api {

struct ImageNetworkOptions {
  std::filesystem::path model;
  std::vector<ir::ShapeOverride> input_shapes;
  std::filesystem::path data;
  std::string preprocess;  // a name of data::presets()
  // Empty: the verb's own. Quantized networks have their own, and take none.
  std::vector<numeric::Format> formats;
  // Behind the others: the network quantized so, and run in integers bit by bit.
  std::vector<quant::IntegerFormat> exact_formats;
  std::int64_t batch = 16;                   // 1 where the model allows no other
  std::optional<std::int64_t> limit;         // look at the first images only
  std::optional<std::int64_t> label_offset;  // added to each class; default: the preset's

  std::filesystem::path calibration;  // empty: the first images of `data`, said in a note
  // At most so many of them, as many of each class as of any other, drawn with `seed`.
  std::int64_t calibration_images = 1000;
  std::uint32_t seed = 1;
  NetworkOptions network;

  data::OnBadImage on_bad_image = data::OnBadImage::Stop;
  bool quiet = false;
};

// In what a network is run: emulated in float32, or in integers.
struct RunFormat {
  std::string name;
  std::variant<numeric::Format, quant::IntegerFormat> format;

  [[nodiscard]] bool needs_calibration() const;
};

// InvalidArgument where the network is quantized, and has a format of its own, and the options name
// others.
[[nodiscard]] Status check_formats(const ir::Graph& graph, const ImageNetworkOptions& options);

// What is looked at.
enum class ImageUse : unsigned char {
  // How right the network is: its first output must be scores [batch, classes]. Activation ranges
  // are taken from images drawn from all there are.
  Scores,
  // The values within, whatever its outputs. Without calibration images, activation ranges are
  // those of the very images that are run.
  Values,
};

class ImageNetwork {
 public:
  // The images, the network for the batch asked for (for one image at a time where the model has
  // its batch written into it), and the calibration images if a format needs them. `formats` are
  // those of options that name none. `options` must outlive it. InvalidArgument where there are no
  // images, or formats for a quantized network; Verify for a network that has other inputs than one
  // of images, or not the outputs that the use needs.
  static Result<std::unique_ptr<ImageNetwork>> open(const ImageNetworkOptions& options,
                                                    std::vector<numeric::Format> formats,
                                                    ImageUse use = ImageUse::Scores);

  // Whether the network is quantized: it has a format of its own.
  [[nodiscard]] bool is_exact() const { return is_exact_; }
  // The network as its file has it.
  [[nodiscard]] const ir::Graph& graph_of_file() const { return graph_of_file_; }
  // The same prepared: its inputs real numbers, and where scores are looked at its outputs too.
  [[nodiscard]] const ir::Graph& graph() const { return graph_; }
  [[nodiscard]] const data::Dataset& data() const { return *data_; }
  [[nodiscard]] std::int64_t num_images() const { return num_images_; }
  [[nodiscard]] std::int64_t batch() const { return batch_; }
  [[nodiscard]] std::int64_t label_offset() const { return label_offset_; }
  // In what it is run: a quantized network as it is, which is the only row.
  [[nodiscard]] const std::vector<RunFormat>& rows() const { return rows_; }
  // What calibration images come from, and which these are; empty if no row needs any.
  [[nodiscard]] std::string calibration() const;
  [[nodiscard]] const std::vector<std::int64_t>& calibration_images() const {
    return calibration_images_;
  }
  // How nodes round: what they record or what takes its place; "emulated" where all is.
  [[nodiscard]] std::string arithmetic() const;
  // Of all that was done so far, each said once.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  // The network in the format of a row.
  Result<RunnableNetwork> make(const RunFormat& row);
  // The network on codes, made once a row.
  Result<const ir::Graph*> quantized(const RunFormat& row);
  // The same of a changed copy of graph(), made anew each time.
  Result<ir::Graph> quantized(const RunFormat& row, ir::Graph changed);
  // How a row's network is run, whose rounding is its own: without --arithmetic, where this is
  // meant for the rows in integers.
  [[nodiscard]] NetworkOptions network_options() const;

  // Images from `start` on, in batches, and a batch as the network's input.
  [[nodiscard]] data::Loader loader(std::int64_t start = 0) const;
  // Those at positions from `start`, a multiple of the batch, to before `end` of a list of images.
  [[nodiscard]] data::Loader loader(const std::vector<std::int64_t>& images, std::int64_t start,
                                    std::int64_t end) const;
  [[nodiscard]] Tensor input_of(const data::Batch& batch) const;
  // How the scores [batch, …] of a batch meet its labels; errors name the image.
  [[nodiscard]] Result<data::Accuracy> accuracy_of(const data::Batch& batch,
                                                   const Tensor& scores) const;
  // The calibration images as inputs, where a row needs any; says `what` before its progress.
  [[nodiscard]] ImageBatches calibration_batches(const std::string& what) const;
  // The first images as inputs; says `what` before its progress.
  [[nodiscard]] ImageBatches first_images(std::int64_t count, const std::string& what) const;
  // Said once, however often.
  void note(std::string text);
  void note_skipped(const std::vector<data::SkippedImage>& skipped);

 private:
  ImageNetwork(const ImageNetworkOptions& options, ImageUse use) : options_(options), use_(use) {}

  Status open_data();
  Status open_network();
  Status load(std::int64_t batch);
  [[nodiscard]] Status check_interface(std::int64_t batch) const;
  Status open_calibration();
  void list_rows(const std::vector<numeric::Format>& formats);
  [[nodiscard]] const ir::ValueType& input_type() const;
  template <class Make>
  auto on_calibration_images(const std::string& name, const Make& make);

  const ImageNetworkOptions& options_;
  ImageUse use_;
  data::Preprocess preprocess_;
  std::int64_t label_offset_ = 0;
  std::optional<data::Dataset> data_;
  std::optional<data::Dataset> calibration_data_;
  std::vector<std::int64_t> calibration_images_;
  std::int64_t num_images_ = 0;
  std::int64_t batch_ = 1;
  ir::Graph graph_of_file_;
  ir::Graph graph_;
  std::vector<RunFormat> rows_;
  std::map<std::string, ir::Graph> quantized_;  // by the row's name
  std::vector<std::string> notes_;
  bool is_exact_ = false;
};

}  // namespace sluice::api
