// SPDX-License-Identifier: Apache-2.0
// image_input FILE...: for five rounds over the images, the processor time of decoding them and of
// all their way to a network's input, as one JSON line of medians in milliseconds an image.
// With --write FOLDER first, writes the inputs as .npy files instead, for the comparison.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "sluice/data/presets.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::data {
namespace {

constexpr int kRounds = 5;

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Status write_inputs(const std::string& folder, const std::vector<std::string>& files) {
  SL_TRY(const Preset preset, find_preset("imagenet"));
  for (std::size_t i = 0; i < files.size(); ++i) {
    SL_TRY(const Image image, read_image(files[i]));
    Tensor input(DType::Float32, output_shape(preset.preprocess, 1));
    SL_TRY_STATUS(preprocess_image(preset.preprocess, image, input.mutable_data<float>()));
    SL_TRY_STATUS(numeric::write_npy(fmt::format("{}/{}.npy", folder, i), input));
  }
  return {};
}

Status measure(const std::vector<std::string>& files) {
  SL_TRY(const Preset preset, find_preset("imagenet"));
  std::vector<float> input(
      static_cast<std::size_t>(num_elements(output_shape(preset.preprocess, 1))));
  std::vector<double> decode(kRounds);
  std::vector<double> whole(kRounds);
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& file : files) {
      const double start = thread_seconds();
      SL_TRY(const Image image, read_image(file));
      const double decoded = thread_seconds();
      SL_TRY_STATUS(preprocess_image(preset.preprocess, image, input));
      const auto r = static_cast<std::size_t>(round);
      decode[r] += decoded - start;
      whole[r] += thread_seconds() - start;
    }
  }
  const double per_image = 1e3 / static_cast<double>(files.size());
  fmt::print("{{\"decode_ms\": {:.3f}, \"whole_ms\": {:.3f}}}\n", median(decode) * per_image,
             median(whole) * per_image);
  return {};
}

}  // namespace
}  // namespace sluice::data

int main(int argc, char** argv) {
  std::vector<std::string> files(argv + 1, argv + argc);
  std::string folder;
  if (files.size() > 2 && files[0] == "--write") {
    folder = files[1];
    files.erase(files.begin(), files.begin() + 2);
  }
  if (files.empty()) {
    std::fputs("usage: image_input [--write FOLDER] FILE...\n", stderr);
    return 2;
  }
  const sluice::Status status =
      folder.empty() ? sluice::data::measure(files) : sluice::data::write_inputs(folder, files);
  if (status) return 0;
  std::fputs((status.error().text() + "\n").c_str(), stderr);
  return 3;
}
