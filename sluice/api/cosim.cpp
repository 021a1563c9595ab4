// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/cosim.hpp"

#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <unistd.h>

#include "sluice/base/folder.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Where words wait: streams that have one and may not give it, and those that could and have none.
void note_differences(CosimReport& report, cosim::BenchResult result) {
  for (std::string& each : result.mismatches) report.mismatches.push_back(std::move(each));
  if (!result.stalled || report.stalled) return;
  report.stalled = true;
  report.waiting = std::move(result.waiting);
}

void note_cycles(CosimReport& report, const cosim::BenchResult& result) {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  for (CosimStream& each : report.streams) {
    const auto found = result.frames.find(each.stream.name);
    if (found == result.frames.end() || found->second.empty()) continue;
    const auto& frames = found->second;
    each.first_cycle = frames.front().first;
    each.last_cycle = frames.front().last;
    if (each.stream.kind == "input") begin = each.first_cycle;
    if (each.stream.kind != "output") continue;
    end = std::max(end, each.last_cycle);
    if (frames.size() > 1) {
      report.interval_cycles =
          std::max(report.interval_cycles, frames.back().last - frames[frames.size() - 2].last);
    }
  }
  if (result.passed) report.latency_cycles = end - begin + 1;
}

Status simulate(const CosimOptions& options, const fs::path& folder, CosimReport& report) {
  Progress bar({.what = "simulating", .unit = "steps", .total = options.stalls ? 3 : 2},
               options.quiet);
  auto start = Clock::now();
  SL_TRY_STATUS(cosim::build_bench(options.simulator, {.folder = folder}));
  report.build_s = seconds_since(start);
  bar.update(1);
  start = Clock::now();
  SL_TRY(cosim::BenchResult plain,
         cosim::run_bench(options.simulator, {.folder = folder, .stalls = false}));
  bar.update(2);
  note_cycles(report, plain);
  report.fifos = std::move(plain.fifos);
  const bool is_whole = plain.passed;
  note_differences(report, std::move(plain));
  const int runs = options.stalls && is_whole ? 2 : 1;
  if (runs == 2) {
    SL_TRY(cosim::BenchResult stalled,
           cosim::run_bench(options.simulator,
                            {.folder = folder, .stalls = true, .seed = options.emit.seed}));
    note_differences(report, std::move(stalled));
    bar.update(3);
  }
  report.run_s = seconds_since(start);
  for (CosimStream& each : report.streams) {
    if (each.stream.kind == "input") continue;
    each.words = each.stream.frame_words * report.emission.images * runs;
  }
  return {};
}

std::string beside(std::int64_t measured, double model) {
  if (measured == 0) return "-";
  const double percent = (static_cast<double>(measured) / model - 1) * 100;
  return fmt::format("{:+.1f} %", percent);
}

}  // namespace

Result<CosimReport> cosim(const CosimOptions& options) {
  EmitOptions emission = options.emit;
  std::optional<NewFolder> temporary;
  if (emission.output.empty()) {
    SL_TRY(temporary,
           NewFolder::beside(fs::temp_directory_path() / fmt::format("sluice_cosim_{}", getpid())));
    emission.output = temporary->path() / "emission";
  }
  CosimReport report;
  report.simulator = cosim::to_string(options.simulator);
  SL_TRY(report.emission, emit(emission));
  for (const EmittedStream& stream : report.emission.streams) {
    report.streams.push_back({.stream = stream});
  }
  SL_TRY_STATUS(simulate(options, emission.output, report));
  return report;
}

Status check_equal(const CosimReport& report) {
  if (report.stalled) {
    return Error{ErrorCode::Infeasible,
                 "no word moves any more: see which streams wait, and give the FIFO before the "
                 "join more words",
                 report.emission.name};
  }
  if (report.mismatches.empty()) return {};
  return Error{ErrorCode::Infeasible, "differs from the exact engine: " + report.mismatches[0],
               report.emission.name};
}

std::string to_text(const CosimReport& report) {
  report::Table streams({{"stream", report::Align::Left},
                         {"tensor", report::Align::Left},
                         {"words a map"},
                         {"compared"},
                         {"first cycle"},
                         {"last cycle"}});
  std::int64_t words = 0;
  for (const CosimStream& each : report.streams) {
    constexpr std::size_t kLongest = 40;
    std::string tensor = each.stream.tensor;
    if (tensor.size() > kLongest) tensor = "…" + tensor.substr(tensor.size() - kLongest);
    streams.add_row({each.stream.name, tensor, report::with_commas(each.stream.frame_words),
                     each.stream.kind == "input" ? "" : report::with_commas(each.words),
                     report::with_commas(each.first_cycle), report::with_commas(each.last_cycle)});
    words += each.words;
  }
  report::Table cycles(
      {{"cycles", report::Align::Left}, {"simulated"}, {"model"}, {"simulated/model"}});
  const EmitReport& model = report.emission;
  const auto add = [&](const char* what, std::int64_t measured, double modelled) {
    cycles.add_row({what, measured == 0 ? "-" : report::with_commas(measured),
                    report::with_commas(static_cast<std::int64_t>(modelled)),
                    beside(measured, modelled)});
  };
  add("first word in to last word out", report.latency_cycles, model.model_latency_cycles);
  add("between feature maps", report.interval_cycles, model.model_interval_cycles);
  report::Table fifos({{"FIFO", report::Align::Left}, {"words"}, {"most held"}});
  for (const cosim::FifoPeak& each : report.fifos) {
    fifos.add_row({each.instance, report::with_commas(each.depth_words),
                   report::with_commas(each.peak_words)});
  }
  std::string text = streams.text() + '\n';
  if (!report.fifos.empty()) text += fifos.text() + '\n';
  text += cycles.text() + '\n';
  for (const std::string& each : report.mismatches) text += each + '\n';
  if (report.stalled) {
    text +=
        "no word moves any more; a stream that is valid and not ready waits for its reader, one "
        "that is ready and not valid for its writer:\n";
    for (const std::string& each : report.waiting) text += "  " + each + '\n';
  }
  if (report.is_equal()) {
    text += fmt::format(
        "equal: {} words of {} streams on {} images ({}, built in {:.1f} s, run in "
        "{:.1f} s)\n",
        report::with_commas(words), report.streams.size() - 1, model.images, report.simulator,
        report.build_s, report.run_s);
  }
  return text;
}

Json to_json(const CosimReport& report) {
  Json json{{"format", "sluice.cosim/1"},
            {"tool", "sluice " SLUICE_VERSION},
            {"name", report.emission.name},
            {"simulator", report.simulator},
            {"images", report.emission.images},
            {"equal", report.is_equal()},
            {"stalled", report.stalled},
            {"latency_cycles", report.latency_cycles},
            {"interval_cycles", report.interval_cycles},
            {"model_latency_cycles", report.emission.model_latency_cycles},
            {"model_interval_cycles", report.emission.model_interval_cycles},
            {"mismatches", report.mismatches},
            {"waiting", report.waiting},
            {"fifos", Json::array()},
            {"streams", Json::array()}};
  for (const cosim::FifoPeak& each : report.fifos) {
    json["fifos"].push_back({{"instance", each.instance},
                             {"depth_words", each.depth_words},
                             {"peak_words", each.peak_words}});
  }
  for (const CosimStream& each : report.streams) {
    json["streams"].push_back({{"name", each.stream.name},
                               {"kind", each.stream.kind},
                               {"tensor", each.stream.tensor},
                               {"layer", each.stream.layer},
                               {"frame_words", each.stream.frame_words},
                               {"words", each.words},
                               {"first_cycle", each.first_cycle},
                               {"last_cycle", each.last_cycle}});
  }
  return json;
}

}  // namespace sluice::api
