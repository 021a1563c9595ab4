// SPDX-License-Identifier: Apache-2.0
// The parameters of a layer in fpgaConvNet's files, read one by one, and notes of what files lack.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// What is said to the user about a file, once for all layers.
class Notes {
 public:
  // A layer lacks the key, or has it with a value that is passed over.
  void lacks(std::string_view key, std::string_view taken_as) {
    count(key, "is missing", taken_as);
  }
  void passes_over(std::string_view key, std::string_view why) {
    count(key, "is passed over", why);
  }
  void add(std::string note) { others_.push_back(std::move(note)); }
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  void count(std::string_view key, std::string_view what, std::string_view remark);

  std::map<std::string, int> counts_;
  std::vector<std::string> others_;
};

class Fields {
 public:
  Fields(const JsonReader& parameters, bool is_3d, Notes& notes)
      : reader_(parameters), is_3d_(is_3d), notes_(&notes) {}

  [[nodiscard]] bool is_3d() const { return is_3d_; }
  [[nodiscard]] bool has(std::string_view key) const { return reader_.has(key); }
  [[nodiscard]] Notes& notes() const { return *notes_; }
  [[nodiscard]] Result<JsonReader> at(std::string_view key) const { return reader_.at(key); }
  // An error at a field, if there is one, else at the parameters.
  [[nodiscard]] Error error(std::string_view key, std::string message) const;

  // An integer of at least `least`; an error if it is missing.
  [[nodiscard]] Result<std::int64_t> whole(std::string_view key, std::int64_t least = 1) const;
  // A field that a file may lack.
  [[nodiscard]] Result<std::int64_t> whole_or(std::string_view key, std::int64_t otherwise,
                                              std::int64_t least = 1) const;
  [[nodiscard]] Result<double> real(std::string_view key) const;
  [[nodiscard]] Result<double> real_or(std::string_view key, double otherwise) const;
  [[nodiscard]] Result<bool> flag_or(std::string_view key, bool otherwise) const;

  [[nodiscard]] Result<std::vector<std::int64_t>> wholes(std::string_view key) const;
  [[nodiscard]] Result<std::vector<double>> reals(std::string_view key) const;
  [[nodiscard]] Result<std::vector<bool>> flags(std::string_view key) const;

  [[nodiscard]] Result<FixedPoint> type(std::string_view key) const;
  // rows_in, cols_in, depth_in and, unless the channels are given, channels_in.
  [[nodiscard]] Result<FeatureMap> map_in(std::int64_t channels = 0) const;
  // kernel_rows, kernel_cols, kernel_depth and a list of them, which must agree.
  [[nodiscard]] Result<Extent> extent(const std::string& stem, std::string_view list) const;
  [[nodiscard]] Result<Padding> padding() const;

 private:
  JsonReader reader_;
  bool is_3d_;
  Notes* notes_;
};

}  // namespace sluice::hw
