// SPDX-License-Identifier: Apache-2.0
// sluice: finds the verb and runs it, or the program beside this one that has it.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/run.hpp"
#include "cli/verb.hpp"

#include "sluice/base/text.hpp"

namespace sluice::cli {
namespace {

const Verb* find_verb(std::string_view name) {
  const auto* verb = std::ranges::find(kVerbs, name, &Verb::name);
  return verb == kVerbs.end() ? nullptr : verb;
}

Error unknown_verb(std::string_view name) {
  std::vector<std::string_view> names{"help"};
  for (const Verb& verb : kVerbs) names.push_back(verb.name);
  return {ErrorCode::InvalidArgument, fmt::format("no verb {}{}; \"sluice help\" lists them",
                                                  sluice::quoted(name), did_you_mean(name, names))};
}

void print_overview() {
  fmt::print(
      "sluice {}: from a trained CNN to a proven FPGA accelerator\n\n"
      "usage: sluice VERB [INPUT] [-o OUTPUT] [--options]\n\n",
      SLUICE_VERSION);
  for (const Verb& verb : kVerbs) fmt::print("  {:<10}{}\n", verb.name, verb.summary);
  fmt::print("  {:<10}{}\n\nsluice help VERB shows its options and a worked line.\n", "help",
             "this list, or what a verb takes");
}

// A verb of another program: this process becomes it. Returns only where that cannot be.
int become(std::string_view program, const std::vector<std::string>& args) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string path = (self.parent_path() / program).string();
  // Threads of GNU's OpenMP spin where they wait unless this is said before a program starts; on a
  // busy machine that makes training many times slower.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  std::vector<std::string> words{path};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  if (errno != ENOENT) return fail({ErrorCode::External, std::strerror(errno), path});
  return fail({ErrorCode::External,
               "this build cannot train; build with LibTorch (make train), which makes this "
               "program too",
               path});
}

int help(const std::vector<std::string>& args) {
  if (args.empty()) {
    print_overview();
    return 0;
  }
  const Verb* verb = find_verb(args[0]);
  if (verb == nullptr) return fail(unknown_verb(args[0]));
  return verb->program.empty() ? print_help(*verb) : become(verb->program, {"--help"});
}

int dispatch(std::vector<std::string> args) {
  if (args.empty()) {
    print_overview();
    return 2;
  }
  const std::string name = args[0];
  args.erase(args.begin());
  if (name == "help" || name == "--help" || name == "-h") return help(args);
  if (name == "--version" || name == "version") {
    fmt::print("sluice {}\n", SLUICE_VERSION);
    return 0;
  }
  const Verb* verb = find_verb(name);
  if (verb == nullptr) return fail(unknown_verb(name));
  if (!verb->program.empty()) return become(verb->program, args);
  return run_verb(*verb, std::move(args));
}

}  // namespace
}  // namespace sluice::cli

int main(int argc, char** argv) {
  return sluice::cli::run_caught([&] { return sluice::cli::dispatch({argv + 1, argv + argc}); });
}
