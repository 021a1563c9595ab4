// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace sluice {
namespace {

// "1:02:03" or "2:03".
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::clamp(seconds + 0.5, 0.0, 1e9));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar(double fraction, int width) {
  const int filled = static_cast<int>(fraction * width);
  std::string text(static_cast<std::size_t>(width), ' ');
  for (int i = 0; i < filled; ++i) text[static_cast<std::size_t>(i)] = '=';
  if (filled < width) text[static_cast<std::size_t>(filled)] = '>';
  return "[" + text + "] ";
}

int terminal_width() {
  struct winsize size {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const ProgressState& state, std::int64_t done, double seconds,
                          int width) {
  const std::string total = fmt::format("{}", state.total);
  std::string facts = fmt::format("{:>{}}/{} {}", done, total.size(), total, state.unit);
  const auto done_now = static_cast<double>(done - state.already_done);
  if (done_now > 0 && seconds > 0) {
    const double rate = done_now / seconds;
    facts += fmt::format("  {:.{}f}/s  {} left", rate, rate < 100 ? 1 : 0,
                         clock_text(static_cast<double>(state.total - done) / rate));
  }
  std::string line = state.what.empty() ? "" : state.what + " ";
  const int bar_width = std::min(30, width - static_cast<int>(line.size() + facts.size()) - 3);
  if (bar_width >= 5 && state.total > 0) {
    const double fraction = static_cast<double>(done) / static_cast<double>(state.total);
    line += bar(std::clamp(fraction, 0.0, 1.0), bar_width);
  }
  line += facts;
  return line.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

StatusLine::StatusLine(bool quiet)
    : visible_(!quiet && ::isatty(STDERR_FILENO) == 1), start_(Clock::now()) {}

StatusLine::~StatusLine() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

double StatusLine::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void StatusLine::update(const std::function<std::string(int width)>& text, bool at_once) {
  if (!visible_) return;
  const Clock::time_point now = Clock::now();
  if (!at_once && now - last_drawn_ < std::chrono::milliseconds(100)) return;
  last_drawn_ = now;
  // One column stays free, so that no terminal wraps the line.
  fmt::print(stderr, "\r\x1b[K{}", text(terminal_width() - 1));
  std::fflush(stderr);
}

void Progress::update(std::int64_t done) {
  const auto text = [&](int width) { return progress_line(state_, done, line_.seconds(), width); };
  line_.update(text, done >= state_.total);
}

}  // namespace sluice
