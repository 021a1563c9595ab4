// SPDX-License-Identifier: Apache-2.0
// The manifest of a folder of golden data: what is in it, and what the integers mean. In the folder
// it is golden.json, format sluice.golden/1; docs/reference/golden.md explains every key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/golden/words.hpp"
#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::exact::golden {

inline constexpr std::string_view kManifestName = "golden.json";

// The forms an array is written in: Npy in the order of `shape`, the others in stream order.
enum class Form : unsigned char { Npy, Mem, Coe, Bin };
inline constexpr std::size_t kNumForms = 4;
// "npy", "mem", "coe", "bin": also the file's extension.
[[nodiscard]] std::string_view to_string(Form form) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<Form> form_from_string(std::string_view name);

struct File {
  std::string name;  // in the folder, not below it
  Form form = Form::Npy;
  std::string sha256;
};

// One array of integers, in every form it was asked for.
struct Array {
  std::string role;   // "input", "weights", …
  std::string value;  // its name in the network; empty: it has none there
  DType dtype = DType::Int8;
  int bits = 8;                           // of a code in memory words
  Shape shape;                            // in the order of the network: batch, channels, rows, …
  std::vector<std::int64_t> stream_axes;  // dimension i of the stream is stream_axes[i] of `shape`
  std::optional<numeric::Quantization> quantization;
  std::vector<File> files;

  // The sizes in stream order.
  [[nodiscard]] Shape stream_shape() const;
  [[nodiscard]] WordFormat words(std::int64_t fold) const;
};

// The window of a convolution or pooling, one entry a spatial dimension.
struct LayerWindow {
  std::vector<std::int64_t> kernel, strides, dilations, pad_begin, pad_end;
};

struct Layer {
  std::string name;
  std::string op;
  std::optional<numeric::Arithmetic> arithmetic;
  std::optional<LayerWindow> window;
  // Of layers with accumulators: one, or one an output channel.
  std::vector<numeric::Requantizer> requantizers;
  std::vector<Array> arrays;

  // Null if there is none of that role.
  [[nodiscard]] const Array* find(std::string_view role) const;
};

struct Manifest {
  std::string model;  // the file's name
  std::string model_sha256;
  std::optional<std::uint32_t> input_seed;  // nothing: the input was given
  std::int64_t fold = 1;
  std::vector<Layer> layers;
};

[[nodiscard]] Json to_json(const Manifest& manifest, std::string_view tool);
// Parse, with the JSON pointer as the place, for what no writer of ours makes: file names that lead
// out of the folder, axes that are no permutation, ….
[[nodiscard]] Result<Manifest> manifest_from_json(const Json& json);

// That of a folder. Io where there is none, else as above with the file as the place.
[[nodiscard]] Result<Manifest> read_manifest(const std::filesystem::path& folder);
// Whether the folder has a file that could be one.
[[nodiscard]] bool has_manifest(const std::filesystem::path& folder);

}  // namespace sluice::exact::golden
