// SPDX-License-Identifier: Apache-2.0
// Interrupts: Ctrl-C (SIGINT) and SIGTERM become a flag that long work asks for between steps.
#pragma once

#include "sluice/base/result.hpp"

namespace sluice {

// From now on the first SIGINT or SIGTERM only sets the flag; a second one ends the process at
// once, as if unhandled. Call once, from main; a library user who wants other manners does not.
void catch_interrupts() noexcept;

// The user asked to stop.
[[nodiscard]] bool interrupted() noexcept;

// Interrupted as an error, if the user asked to stop; else ok. For SL_TRY_STATUS between steps.
[[nodiscard]] Status check_interrupt();

// Sets the flag as a signal would.
void request_interrupt() noexcept;
// Clears the flag (after the interrupted work has been wound up in a process that goes on).
void clear_interrupt() noexcept;

}  // namespace sluice
