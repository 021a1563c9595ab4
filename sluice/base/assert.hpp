// SPDX-License-Identifier: Apache-2.0
// SL_ASSERT: our own mistakes. A user's input must never trigger one; on in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

#define SL_ASSERT(condition, what)                                                         \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] {                                                       \
      std::fprintf(stderr, "%s:%d: internal error: %s [%s]\n", __FILE__, __LINE__, (what), \
                   #condition);                                                            \
      std::abort();                                                                        \
    }                                                                                      \
  } while (false)

// SL_DASSERT: the same, for inner loops; only in builds without NDEBUG.
#ifdef NDEBUG
#define SL_DASSERT(condition, what) static_cast<void>(0)
#else
#define SL_DASSERT(condition, what) SL_ASSERT(condition, what)
#endif
