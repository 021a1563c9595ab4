// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace sluice {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "written from a signal handler");

void on_signal(int signal_number) {
  if (stop_requested.exchange(true)) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);  // delivered when this handler returns
  }
}

}  // namespace

void catch_interrupts() noexcept {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // reads and writes in progress go on: only our polls stop work
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept {
  return stop_requested.load(std::memory_order_relaxed);
}

Status check_interrupt() {
  if (interrupted()) return Error{ErrorCode::Interrupted, "stopped on request"};
  return {};
}

void request_interrupt() noexcept {
  stop_requested.store(true);
}

void clear_interrupt() noexcept {
  stop_requested.store(false);
}

}  // namespace sluice
