// SPDX-License-Identifier: Apache-2.0
// Models from files, ready to become hardware.
#pragma once

#include "tests/support/temp_folder.hpp"
#include "tests/support/xz.hpp"

#include "sluice/hw/modules/module.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/tflite.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/passes/fold_pad.hpp"
#include "sluice/passes/pipeline.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::hw {

// With types, of batch 1, after the passes that come before building by the rules.
inline Result<ir::Graph> prepared(Result<ir::Graph> read, Rules rules) {
  SL_TRY(ir::Graph graph, std::move(read));
  SL_TRY(const auto shapes, ir::input_shapes(graph, 1));
  SL_TRY_STATUS(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  const bool is_compat = rules == Rules::FpgaConvNet;
  SL_TRY_STATUS(
      passes::run_passes(graph, is_compat ? passes::clean_up_passes() : passes::inference_passes(),
                         runtime::reference::evaluate));
  if (is_compat) SL_TRY_STATUS(passes::fold_pad(graph));
  return graph;
}

// From a .onnx.xz, .onnx or .tflite file.
inline Result<ir::Graph> imported(const std::filesystem::path& file, Rules rules) {
  if (file.extension() == ".tflite") return prepared(importer::read_tflite(file), rules);
  if (file.extension() != ".xz") return prepared(importer::read_onnx(file), rules);
  const TempFolder folder;
  const auto unpacked = folder.path() / file.stem();
  if (!test::unpack_xz(file, unpacked)) {
    return Error{ErrorCode::External, "xz cannot unpack it: install xz-utils", file.string()};
  }
  return prepared(importer::read_onnx(unpacked), rules);
}

}  // namespace sluice::hw
