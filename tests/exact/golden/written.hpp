// SPDX-License-Identifier: Apache-2.0
// A folder of golden data of a small convolution.
#pragma once

#include <filesystem>

#include "tests/exact/golden/golden_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/exact/golden/folder.hpp"

namespace sluice::exact::golden {

inline Result<Summary> write_conv(const std::filesystem::path& path, std::int64_t fold = 2,
                                  std::vector<Form> forms = {Form::Npy, Form::Mem, Form::Coe,
                                                             Form::Bin}) {
  SL_TRY(auto writer, Writer::open(path, {.model = "net", .fold = fold}, std::move(forms)));
  Collected conv = collect_last(conv_net(), true);
  conv.layer.name = "a/conv";
  SL_TRY_STATUS(writer.add(std::move(conv.layer), conv.contents));
  return writer.finish("tool");
}

}  // namespace sluice::exact::golden
