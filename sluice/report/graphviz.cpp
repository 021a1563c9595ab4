// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/graphviz.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"

namespace sluice::report {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 3> kFormats{
    {{".svg", "-Tsvg"}, {".png", "-Tpng"}, {".pdf", "-Tpdf"}}};

Error system_error(std::string_view what, int code) {
  return {ErrorCode::Io, fmt::format("{}: {}", what, std::generic_category().message(code))};
}

// A file without a name, in memory. The program reads and writes such files, not pipes: neither
// side can then block the other.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

  Status write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written < 0) return system_error("cannot hand a drawing to Graphviz", errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    lseek(fd_, 0, SEEK_SET);
    return {};
  }

  [[nodiscard]] std::string read() const {
    const off_t size = lseek(fd_, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
    const ssize_t got = pread(fd_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

 private:
  int fd_;
};

Result<pid_t> start(const std::string& program, const char* format, const MemoryFile& input,
                    const MemoryFile& output, const MemoryFile& words) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.fd(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.fd(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, words.fd(), STDERR_FILENO);
  std::string name = program;
  std::string option = format;
  const std::array<char*, 3> arguments{name.data(), option.data(), nullptr};
  pid_t child = 0;
  const int code = posix_spawnp(&child, name.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code == 0) return child;
  if (code != ENOENT)
    return system_error(fmt::format("cannot run {}", sluice::quoted(program)), code);
  return Error{ErrorCode::External,
               fmt::format("{} is not found; install Graphviz (apt-get install graphviz)",
                           sluice::quoted(program))};
}

// The status with which the child ended.
Result<int> wait_for(pid_t child, const GraphvizOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.time_limit;
  const auto stop = [&](Error error) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return error;
  };
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) return system_error("cannot wait for Graphviz", errno);
    if (auto asked = check_interrupt(); !asked) return stop(std::move(asked).error());
    if (std::chrono::steady_clock::now() >= deadline) {
      const auto seconds = static_cast<double>(options.time_limit.count()) / 1000;
      return stop({ErrorCode::External,
                   fmt::format("{} took more than {:g} s and was stopped; the network is too large "
                               "to draw",
                               sluice::quoted(options.program), seconds)});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

std::optional<DrawingFormat> drawing_format(std::string_view extension) {
  std::string lower(extension);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].first == lower) return static_cast<DrawingFormat>(i);
  }
  return std::nullopt;
}

Result<std::string> draw(std::string_view dot_text, DrawingFormat format,
                         const GraphvizOptions& options) {
  const MemoryFile input("sluice-dot"), output("sluice-drawing"), words("sluice-dot-words");
  if (std::min({input.fd(), output.fd(), words.fd()}) < 0) {
    return system_error("cannot make a file in memory", errno);
  }
  SL_TRY_STATUS(input.write(dot_text));
  const char* option = kFormats[static_cast<std::size_t>(format)].second;
  SL_TRY(const pid_t child, start(options.program, option, input, output, words));
  SL_TRY(const int status, wait_for(child, options));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const std::string said = words.read();
    return Error{ErrorCode::External,
                 fmt::format("{} failed: {}", sluice::quoted(options.program),
                             printable(std::string_view(said).substr(0, said.find('\n')), 200))};
  }
  return output.read();
}

}  // namespace sluice::report
