// SPDX-License-Identifier: Apache-2.0
// The converters, one a line of builtins.def; a missing one is a link error by name. Each adds the
// nodes that do what the operator does and sets its outputs.
#pragma once

#include "sluice/import/tflite/context.hpp"

namespace sluice::importer::tflite::builtin {

#define SL_TFLITE(CODE, function, least, most, on) [[nodiscard]] Status function(Context& op);
#include "sluice/import/tflite/builtins.def"
#undef SL_TFLITE

}  // namespace sluice::importer::tflite::builtin
