// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/weights.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <unordered_map>

#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::zoo {
namespace {

using Names = std::unordered_map<std::string_view, std::string_view>;

// From the names of a checkpoint to ours.
Names to_ours(const Network& network, const NameMap* map) {
  Names names;
  for (const Parameter& parameter : network.parameters) {
    names.emplace(parameter.name, parameter.name);
  }
  if (map == nullptr) return names;
  for (const auto& [theirs, ours] : map->names) names.erase(ours);
  for (const auto& [theirs, ours] : map->names) names.emplace(theirs, ours);
  return names;
}

// The names that most of the checkpoint's are among; the network's own if none are better.
Names names_for(const Network& network, const importer::Checkpoint& checkpoint) {
  const auto known = [&](const Names& names) {
    return std::ranges::count_if(
        checkpoint.tensors, [&](const NamedTensor& tensor) { return names.contains(tensor.name); });
  };
  Names best = to_ours(network, nullptr);
  for (const NameMap& map : network.other_names) {
    Names names = to_ours(network, &map);
    if (known(names) > known(best)) best = std::move(names);
  }
  return best;
}

// A list of faults of one kind: how many, and the first few.
class Faults {
 public:
  void add(std::string fault) {
    constexpr std::size_t kShown = 3;
    if (++count_ > kShown) return;
    text_ += (text_.empty() ? "" : ", ") + std::move(fault);
  }
  void append_to(std::string& message, std::string_view kind) const {
    if (count_ == 0) return;
    message += fmt::format("{}{} {} ({}{})", message.empty() ? "" : "; ", count_, kind, text_,
                           count_ > 3 ? ", …" : "");
  }

 private:
  std::size_t count_ = 0;
  std::string text_;
};

bool is_batch_counter(std::string_view name) {
  return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked");
}

// Scalars of training are vectors of one element.
bool is_shape_of(const Tensor& content, const Tensor& parameter) {
  return content.shape() == parameter.shape() ||
         (parameter.rank() == 0 && content.shape() == Shape{1});
}

std::string describe(const NamedTensor& tensor) {
  return fmt::format("{} {}", sluice::quoted(tensor.name), to_string(tensor.tensor.shape()));
}

using Contents = std::unordered_map<std::string_view, Tensor>;

// The checkpoint's tensors by our names, cast and shaped.
class Matcher {
 public:
  Matcher(const Network& network, const importer::Checkpoint& checkpoint)
      : network_(network), names_(names_for(network, checkpoint)) {
    for (const Parameter& parameter : network.parameters) {
      parameters_.emplace(parameter.name, &parameter);
    }
    for (const NamedTensor& tensor : checkpoint.tensors) add(tensor);
    Names theirs;  // what is missing is named as the checkpoint would
    for (const auto& [their_name, our_name] : names_) theirs.emplace(our_name, their_name);
    for (const Parameter& parameter : network.parameters) {
      const bool there = contents_.contains(parameter.name) || misshapen_.contains(parameter.name);
      if (there || parameter.kind == ParameterKind::Frozen) continue;
      missing_.add(sluice::quoted(theirs.at(parameter.name)));
    }
  }

  Result<Contents> contents() && {
    std::string message;
    missing_.append_to(message, "tensors are missing");
    surplus_.append_to(message, "are not the network's");
    other_shape_.append_to(message, "have another shape");
    other_type_.append_to(message, "are no real numbers");
    other_shift_.append_to(message, "shift in other directions");
    if (message.empty()) return std::move(contents_);
    return Error{ErrorCode::Verify,
                 fmt::format("does not fit {} of {} classes: {}; name the network and the number "
                             "of classes it was trained as",
                             network_.graph.name, network_.classes, message)};
  }

 private:
  void add(const NamedTensor& tensor) {
    if (is_batch_counter(tensor.name)) return;
    const auto ours = names_.find(tensor.name);
    if (ours == names_.end()) {
      surplus_.add(describe(tensor));
      return;
    }
    const Parameter& parameter = *parameters_.at(ours->second);
    const Tensor& there = *network_.graph[parameter.value].constant;
    if (!is_shape_of(tensor.tensor, there)) {
      misshapen_.emplace(ours->second, true);
      other_shape_.add(fmt::format("{}, not {}", describe(tensor), to_string(there.shape())));
      return;
    }
    if (!is_float(tensor.tensor.dtype())) {
      misshapen_.emplace(ours->second, true);
      other_type_.add(
          fmt::format("{} {}", sluice::quoted(tensor.name), to_string(tensor.tensor.dtype())));
      return;
    }
    Tensor content = numeric::cast(tensor.tensor, DType::Float32).reshaped(there.shape());
    if (parameter.kind == ParameterKind::Frozen && !(content == there)) {
      other_shift_.add(sluice::quoted(tensor.name));
    }
    contents_.emplace(ours->second, std::move(content));
  }

  const Network& network_;
  Names names_;
  std::unordered_map<std::string_view, const Parameter*> parameters_;
  std::unordered_map<std::string_view, bool> misshapen_;  // there, but not usable
  Contents contents_;
  Faults missing_, surplus_, other_shape_, other_type_, other_shift_;
};

// Training uses a scale's size only, and a gain follows its scale.
Status settle_clips(Network& network, Contents& contents) {
  for (const ScaledClip& clip : network.clips) {
    const auto found = contents.find(network.graph[clip.scale].name);
    if (found == contents.end()) continue;
    const float scale = std::abs(found->second.data<float>()[0]);
    if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(clip.range / scale)) {
      return Error{ErrorCode::Verify, "a clip's scale must be finite and not 0",
                   sluice::quoted(found->first)};
    }
  }
  for (const ScaledClip& clip : network.clips) {
    const auto found = contents.find(network.graph[clip.scale].name);
    if (found == contents.end()) continue;
    const float scale = std::abs(found->second.data<float>()[0]);
    found->second = Tensor::scalar(scale);
    network.graph[clip.gain].constant = Tensor::scalar(clip.range / scale);
  }
  return {};
}

}  // namespace

Status load_weights(Network& network, const importer::Checkpoint& checkpoint) {
  SL_TRY(Contents contents, Matcher(network, checkpoint).contents());
  SL_TRY_STATUS(settle_clips(network, contents));
  for (const Parameter& parameter : network.parameters) {
    const auto found = contents.find(parameter.name);
    if (found != contents.end()) {
      network.graph[parameter.value].constant = std::move(found->second);
    }
  }
  return {};
}

Result<std::vector<NamedTensor>> state_dict(const Network& network, std::string_view naming) {
  std::unordered_map<std::string_view, std::string_view> theirs_of;
  if (!naming.empty()) {
    const auto map = std::ranges::find(network.other_names, naming, &NameMap::name);
    if (map == network.other_names.end()) {
      return invalid_argument(fmt::format("{} has no names of {}; leave them out for its own",
                                          network.graph.name, sluice::quoted(naming)));
    }
    for (const auto& [theirs, ours] : map->names) theirs_of.emplace(ours, theirs);
  }
  std::vector<NamedTensor> tensors;
  tensors.reserve(network.parameters.size());
  for (const Parameter& parameter : network.parameters) {
    const auto theirs = theirs_of.find(parameter.name);
    const Tensor& content = *network.graph[parameter.value].constant;
    tensors.push_back({theirs == theirs_of.end() ? parameter.name : std::string(theirs->second),
                       parameter.kind == ParameterKind::Clip ? content.reshaped({1}) : content});
  }
  return tensors;
}

}  // namespace sluice::zoo
