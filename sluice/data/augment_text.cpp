// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/augment.hpp"

namespace sluice::data {
namespace {

// More than any image needs; keeps arithmetic on coordinates far from its limits.
constexpr std::int64_t kMostPixels = 4096;
constexpr double kMostJitter = 10;

template <class T>
std::optional<T> number_between(std::string_view text, T low, T high) {
  const std::optional<T> value = parse_whole<T>(text);
  return value && *value >= low && *value <= high ? value : std::nullopt;  // nor NaN
}

// What stands behind the equals sign, if there is one, into `augmentation`; false if it cannot.
using Read = bool (*)(std::optional<std::string_view> text, Augmentation& augmentation);

bool read_crop(std::optional<std::string_view> text, Augmentation& a) {
  a.crop_padding = number_between<std::int64_t>(text.value_or(""), 1, kMostPixels).value_or(0);
  return a.crop_padding > 0;
}

bool read_resized_crop(std::optional<std::string_view> text, Augmentation& a) {
  a.crop_scale = number_between<double>(text.value_or("0.08"), 0, 1).value_or(0);
  return a.crop_scale > 0;
}

bool read_flip(std::optional<std::string_view> text, Augmentation& a) {
  const auto probability = number_between<double>(text.value_or("0.5"), 0, 1);
  a.flip_probability = probability.value_or(0);
  return probability.has_value();
}

bool read_jitter(std::optional<std::string_view> text, Augmentation& a) {
  struct Field {
    double Augmentation::*value;
    double most;
  };
  constexpr std::array kFields = {
      Field{&Augmentation::brightness, kMostJitter}, Field{&Augmentation::contrast, kMostJitter},
      Field{&Augmentation::saturation, kMostJitter}, Field{&Augmentation::hue, 0.5}};
  std::string_view rest = text.value_or("");
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const std::size_t colon = i + 1 < kFields.size() ? rest.find(':') : rest.size();
    if (colon == std::string_view::npos) return false;
    const auto value = number_between<double>(rest.substr(0, colon), 0, kFields[i].most);
    if (!value) return false;
    a.*kFields[i].value = *value;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return true;
}

bool read_cutout(std::optional<std::string_view> text, Augmentation& a) {
  a.cutout_side = number_between<std::int64_t>(text.value_or(""), 1, kMostPixels).value_or(0);
  return a.cutout_side > 0;
}

struct Step {
  std::string_view name;
  std::string_view takes;  // for messages
  Read read;
};
constexpr std::array kSteps = {
    Step{"crop", "pixels of padding from 1 to 4096, as in crop=4", read_crop},
    Step{"resized-crop",
         "the least share of the image above 0 and up to 1, as in resized-crop=0.08",
         read_resized_crop},
    Step{"flip", "a probability from 0 to 1, as in flip=0.5", read_flip},
    Step{"jitter",
         "brightness, contrast and saturation from 0 to 10 and hue from 0 to 0.5, as in "
         "jitter=0.4:0.4:0.4:0.1",
         read_jitter},
    Step{"cutout", "a side in pixels from 1 to 4096, as in cutout=8", read_cutout},
};
constexpr std::string_view kNone = "none";

Error unknown_kind(std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(kSteps.size() + 1);
  for (const Step& kind : kSteps) names.push_back(kind.name);
  names.push_back(kNone);
  return invalid_argument(fmt::format("no augmentation is called {}{}; known are {}", quoted(name),
                                      did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

Result<Augmentation> parse_augmentation(std::string_view text) {
  Augmentation augmentation;
  if (text == kNone) return augmentation;
  std::array<bool, kSteps.size()> seen{};
  for (const std::string_view part : parts_of_list(text)) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (name == kNone) return invalid_argument("augmentation \"none\" stands alone");
    const auto* const kind = std::ranges::find(kSteps, name, &Step::name);
    if (kind == kSteps.end()) return unknown_kind(name);
    if (std::exchange(seen[static_cast<std::size_t>(kind - kSteps.begin())], true)) {
      return invalid_argument(
          fmt::format("augmentation {} is named twice; name it once", quoted(name)));
    }
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = part.substr(equals + 1);
    if (!kind->read(value, augmentation)) {
      return invalid_argument(fmt::format("augmentation {} takes {}; {} does not say that", name,
                                          kind->takes, quoted(part)));
    }
  }
  return augmentation;
}

std::string to_string(const Augmentation& a) {
  std::vector<std::string> parts;
  if (a.crop_padding > 0) parts.push_back(fmt::format("crop={}", a.crop_padding));
  if (a.crop_scale > 0) parts.push_back(fmt::format("resized-crop={}", a.crop_scale));
  if (a.flip_probability > 0) {
    parts.push_back(a.flip_probability == 0.5 ? "flip"
                                              : fmt::format("flip={}", a.flip_probability));
  }
  if (a.brightness > 0 || a.contrast > 0 || a.saturation > 0 || a.hue > 0) {
    parts.push_back(
        fmt::format("jitter={}:{}:{}:{}", a.brightness, a.contrast, a.saturation, a.hue));
  }
  if (a.cutout_side > 0) parts.push_back(fmt::format("cutout={}", a.cutout_side));
  return parts.empty() ? std::string(kNone) : fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace sluice::data
