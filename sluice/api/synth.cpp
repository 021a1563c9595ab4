// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/synth.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>
#include <unistd.h>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/folder.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/report/design.hpp"
#include "sluice/report/layer_words.hpp"
#include "sluice/rtl/verilog.hpp"
#include "sluice/synth/cells_file.hpp"
#include "sluice/synth/yosys.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;

// A module that has to be synthesized, for one instance or many.
struct Distinct {
  std::string instance;  // the first of them
  synth::Job job;
  std::optional<synth::Cells> cells;
};

// The instance alone as a module, its streams as ports. Names are the same for all, so that two of
// the same parameters are the same text.
std::string text_alone(const rtl::Netlist& netlist, rtl::Instance instance) {
  rtl::Netlist alone{.name = std::string(synth::kJobTop)};
  instance.name = "module";
  const auto add = [&](std::vector<rtl::Connection>& connections,
                       std::vector<rtl::Carried>& ports) {
    for (rtl::Connection& connection : connections) {
      for (rtl::StreamId& id : connection.streams) {
        alone.streams.push_back(netlist.streams[id]);
        id = alone.streams.size() - 1;
        ports.push_back({.stream = id});
      }
    }
  };
  add(instance.inputs, alone.inputs);
  add(instance.outputs, alone.outputs);
  alone.blocks.push_back({.layer = "one instance", .instances = {std::move(instance)}});
  return rtl::to_verilog(alone, "");
}

// The library as the emission lists it, without the benches.
Result<std::vector<std::string>> library_files(const fs::path& emission) {
  SL_TRY(const MappedFile list, MappedFile::open(emission / "files.f"));
  std::vector<std::string> files;
  std::string_view rest = list.text();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (line.starts_with("library/")) files.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return files;
}

// Every distinct instance of a netlist, and which one each instance is.
class Instances {
 public:
  Instances(fs::path emission, synth::Family family, const synth::Yosys& yosys)
      : emission_(std::move(emission)), family_(family), yosys_(yosys) {}

  Status add_all(const rtl::Netlist& netlist) {
    SL_TRY(files_, library_files(emission_));
    common_ = {yosys_.version};
    for (const std::string& file : files_) {
      SL_TRY(common_.emplace_back(), sha256_file(emission_ / file));
    }
    for (const rtl::Block& block : netlist.blocks) {
      for (const rtl::Instance& instance : block.instances) {
        SL_TRY_STATUS(add(netlist, instance));
      }
    }
    return {};
  }

  [[nodiscard]] std::vector<Distinct>& distinct() { return distinct_; }
  [[nodiscard]] const synth::Cells& cells_of(const std::string& instance) const {
    return *distinct_[of_.at(instance)].cells;
  }

 private:
  Status add(const rtl::Netlist& netlist, const rtl::Instance& instance) {
    synth::Job job{.folder = emission_,
                   .files = files_,
                   .includes = "library",
                   .name = {},
                   .text = text_alone(netlist, instance)};
    std::vector<std::string> parts = common_;
    parts.push_back(synth::script_of(family_, job));
    parts.push_back(job.text);
    for (const rtl::Parameter& parameter : instance.parameters) {
      if (!parameter.value.starts_with('"')) continue;
      const std::string file = parameter.value.substr(1, parameter.value.size() - 2);
      if (file.empty()) continue;
      SL_TRY(parts.emplace_back(), sha256_file(emission_ / file));
    }
    job.name = synth::key_of(parts);
    const auto [place, is_new] = by_key_.try_emplace(job.name, distinct_.size());
    of_[instance.name] = place->second;
    if (is_new) distinct_.push_back({instance.name, std::move(job), {}});
    return {};
  }

  fs::path emission_;
  synth::Family family_;
  const synth::Yosys& yosys_;
  std::vector<std::string> files_, common_;
  std::vector<Distinct> distinct_;
  std::map<std::string, std::size_t> by_key_, of_;
};

// Synthesizes what was not kept. The first error, in the order of instances, is the result.
class Runner {
 public:
  Runner(const synth::Yosys& yosys, const SynthOptions& options, fs::path cells)
      : yosys_(yosys), options_(options), cells_(std::move(cells)) {}

  Status run(std::vector<Distinct>& distinct, SynthReport& report) {
    std::vector<Distinct*> missing;
    for (Distinct& each : distinct) {
      SL_TRY(each.cells, synth::kept_cells(cells_, each.job.name));
      if (!each.cells) missing.push_back(&each);
    }
    report.distinct = static_cast<std::int64_t>(distinct.size());
    report.recalled = report.distinct - static_cast<std::int64_t>(missing.size());
    Progress bar({.what = "yosys",
                  .unit = "modules",
                  .total = report.distinct,
                  .already_done = report.recalled},
                 options_.quiet);
    std::vector<std::optional<Error>> errors(missing.size());
    parallel_for(static_cast<std::int64_t>(missing.size()), 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (auto i = static_cast<std::size_t>(begin); std::cmp_less(i, end); ++i) {
                     auto status = one(*missing[i]);
                     const std::lock_guard lock(mutex_);
                     if (!status) {
                       failed_ = true;
                       errors[i] = std::move(status).error().at(missing[i]->instance);
                     }
                     bar.update(report.recalled + ++done_);
                   }
                 });
    for (std::optional<Error>& error : errors) {
      if (error) return *std::move(error);
    }
    return check_interrupt();
  }

 private:
  // Nothing more is begun after an error or Ctrl-C.
  Status one(Distinct& each) {
    SL_TRY_STATUS(check_interrupt());
    {
      const std::lock_guard lock(mutex_);
      if (failed_) return {};
    }
    SL_TRY(each.cells, synth::synthesize(yosys_, options_.family, each.job));
    return synth::keep_cells(cells_, each.job.name, *each.cells);
  }

  const synth::Yosys& yosys_;
  const SynthOptions& options_;
  fs::path cells_;
  std::mutex mutex_;
  bool failed_ = false;
  std::int64_t done_ = 0;
};

Status add_layers(const EmitReport& emission, const Instances& instances,
                  const SynthOptions& options, SynthReport& report) {
  SL_TRY(const hw::Coefficients by, hw::default_coefficients());
  report.provenance = report::provenance_of(by);
  for (const hw::NodeId id : emission.partition.graph.topological_order()) {
    const hw::Node& node = emission.partition.graph[id];
    SynthLayer layer{.name = node.name,
                     .kind = std::string(report::kind_of(node.layer)),
                     .model = hw::resources_of(node.layer, by)};
    for (const rtl::Block& block : emission.netlist.blocks) {
      if (block.layer != node.name) continue;
      for (const rtl::Instance& instance : block.instances) {
        SynthInstance made{instance.name, instance.module, instances.cells_of(instance.name), {}};
        auto usage = synth::usage_of(options.family, made.cells);
        if (!usage) return std::move(usage).error().at(made.name);
        made.usage = *usage;
        layer.usage += made.usage;
        layer.instances.push_back(std::move(made));
      }
    }
    report.usage += layer.usage;
    report.model += layer.model;
    report.layers.push_back(std::move(layer));
  }
  return {};
}

Result<synth::Placement> place_whole(const synth::Yosys& yosys, const synth::Nextpnr& nextpnr,
                                     const fs::path& emission, const std::string& name) {
  synth::Job job{.folder = emission, .files = {}, .includes = "library", .name = name, .text = {}};
  SL_TRY(job.files, library_files(emission));
  return synth::place(yosys, nextpnr, job, {.file = name + ".sv", .top = name});
}

}  // namespace

Result<SynthReport> synthesize(const SynthOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  SL_TRY(const synth::Yosys yosys, synth::find_yosys(options.yosys));
  std::optional<synth::Nextpnr> nextpnr;
  if (options.place) {
    SL_TRY(nextpnr, synth::find_nextpnr(options.family));
  }
  fs::path output = options.output;
  std::optional<NewFolder> temporary;
  if (output.empty()) {
    SL_TRY(temporary,
           NewFolder::beside(fs::temp_directory_path() / fmt::format("sluice_synth_{}", getpid())));
    output = temporary->path();
  }
  SynthReport report{.family = std::string(synth::to_string(options.family)),
                     .block_ram_bits = synth::block_ram_bits(options.family),
                     .yosys = yosys.version};
  SL_TRY(const EmitReport emission, emit({.model = options.model,
                                          .input_shapes = options.input_shapes,
                                          .design = options.design,
                                          .taps = false,
                                          .output = output / "rtl"}));
  report.name = emission.name;
  report.notes = emission.notes;
  Instances instances(output / "rtl", options.family, yosys);
  SL_TRY_STATUS(instances.add_all(emission.netlist));
  SL_TRY_STATUS(Runner(yosys, options, output / "cells").run(instances.distinct(), report));
  SL_TRY_STATUS(add_layers(emission, instances, options, report));
  if (nextpnr) {
    SL_TRY(report.placement, place_whole(yosys, *nextpnr, output / "rtl", emission.name));
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

std::vector<SynthLayer> by_kind(const std::vector<SynthLayer>& layers) {
  std::vector<SynthLayer> kinds;
  for (const SynthLayer& layer : layers) {
    auto found = std::ranges::find(kinds, layer.kind, &SynthLayer::kind);
    if (found == kinds.end()) {
      kinds.push_back({.name = layer.kind, .kind = layer.kind});
      found = std::prev(kinds.end());
    }
    found->usage += layer.usage;
    found->model += layer.model;
    found->instances.insert(found->instances.end(), layer.instances.begin(), layer.instances.end());
  }
  return kinds;
}

}  // namespace sluice::api
