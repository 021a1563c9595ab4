// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/globals.hpp"

#include <algorithm>
#include <array>

namespace sluice::importer::pytorch {
namespace {

using Kind = GlobalKind;

constexpr std::array kGlobals{
    AllowedGlobal{"collections", "OrderedDict", Kind::Dictionary},
    AllowedGlobal{"builtins", "set", Kind::Set},
    AllowedGlobal{"__builtin__", "set", Kind::Set},
    AllowedGlobal{"torch", "Size", Kind::Size},
    AllowedGlobal{"torch._utils", "_rebuild_tensor", Kind::RebuildTensor},
    AllowedGlobal{"torch._utils", "_rebuild_tensor_v2", Kind::RebuildTensor},
    AllowedGlobal{"torch._utils", "_rebuild_parameter", Kind::RebuildParameter},
    AllowedGlobal{"torch._utils", "_rebuild_parameter_with_state", Kind::RebuildParameter},

    AllowedGlobal{"torch", "DoubleStorage", Kind::Storage, DType::Float64},
    AllowedGlobal{"torch", "FloatStorage", Kind::Storage, DType::Float32},
    AllowedGlobal{"torch", "HalfStorage", Kind::Storage, DType::Float16},
    AllowedGlobal{"torch", "BFloat16Storage", Kind::Storage, DType::BFloat16},
    AllowedGlobal{"torch", "LongStorage", Kind::Storage, DType::Int64},
    AllowedGlobal{"torch", "IntStorage", Kind::Storage, DType::Int32},
    AllowedGlobal{"torch", "ShortStorage", Kind::Storage, DType::Int16},
    AllowedGlobal{"torch", "CharStorage", Kind::Storage, DType::Int8},
    AllowedGlobal{"torch", "ByteStorage", Kind::Storage, DType::UInt8},
    AllowedGlobal{"torch", "BoolStorage", Kind::Storage, DType::Bool},
    AllowedGlobal{"torch.cuda", "DoubleStorage", Kind::Storage, DType::Float64},
    AllowedGlobal{"torch.cuda", "FloatStorage", Kind::Storage, DType::Float32},
    AllowedGlobal{"torch.cuda", "HalfStorage", Kind::Storage, DType::Float16},
    AllowedGlobal{"torch.cuda", "LongStorage", Kind::Storage, DType::Int64},
    AllowedGlobal{"torch.cuda", "IntStorage", Kind::Storage, DType::Int32},

    AllowedGlobal{"torch", "device", Kind::Inert},
    AllowedGlobal{"torch", "float64", Kind::Inert},
    AllowedGlobal{"torch", "float32", Kind::Inert},
    AllowedGlobal{"torch", "float16", Kind::Inert},
    AllowedGlobal{"torch", "bfloat16", Kind::Inert},
    AllowedGlobal{"torch", "int64", Kind::Inert},
    AllowedGlobal{"torch", "int32", Kind::Inert},
    AllowedGlobal{"torch", "int8", Kind::Inert},
    AllowedGlobal{"torch", "uint8", Kind::Inert},
    AllowedGlobal{"numpy", "dtype", Kind::Inert},
    AllowedGlobal{"numpy.core.multiarray", "scalar", Kind::Inert},
    AllowedGlobal{"numpy._core.multiarray", "scalar", Kind::Inert},
    AllowedGlobal{"_codecs", "encode", Kind::Inert},

    AllowedGlobal{"torch.nn.modules.activation", "Hardswish", Kind::Module},
    AllowedGlobal{"torch.nn.modules.activation", "ReLU", Kind::Module},
    AllowedGlobal{"torch.nn.modules.activation", "ReLU6", Kind::Module},
    AllowedGlobal{"torch.nn.modules.batchnorm", "BatchNorm1d", Kind::Module},
    AllowedGlobal{"torch.nn.modules.batchnorm", "BatchNorm2d", Kind::Module},
    AllowedGlobal{"torch.nn.modules.container", "ModuleList", Kind::Module},
    AllowedGlobal{"torch.nn.modules.container", "Sequential", Kind::Module},
    AllowedGlobal{"torch.nn.modules.conv", "Conv2d", Kind::Module},
    AllowedGlobal{"torch.nn.modules.dropout", "Dropout", Kind::Module},
    AllowedGlobal{"torch.nn.modules.flatten", "Flatten", Kind::Module},
    AllowedGlobal{"torch.nn.modules.linear", "Identity", Kind::Module},
    AllowedGlobal{"torch.nn.modules.linear", "Linear", Kind::Module},
    AllowedGlobal{"torch.nn.modules.pooling", "AdaptiveAvgPool2d", Kind::Module},
    AllowedGlobal{"torch.nn.modules.pooling", "AvgPool2d", Kind::Module},
    AllowedGlobal{"torch.nn.modules.pooling", "MaxPool2d", Kind::Module},
    AllowedGlobal{"torch.nn.parallel.data_parallel", "DataParallel", Kind::Module},
    AllowedGlobal{"torchvision.models.resnet", "BasicBlock", Kind::Module},
    AllowedGlobal{"torchvision.models.resnet", "Bottleneck", Kind::Module},
    AllowedGlobal{"torchvision.models.resnet", "ResNet", Kind::Module},
    AllowedGlobal{"torchvision.models.shufflenetv2", "InvertedResidual", Kind::Module},
    AllowedGlobal{"torchvision.models.shufflenetv2", "ShuffleNetV2", Kind::Module},

    // Upstream's DiracDeltaNet, which pickles whole modules.
    AllowedGlobal{"models.diracdeltanet", "ActQuant_init", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "ActQuant_init_fixed", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "DiracDeltaBlock", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "DiracDeltaNet", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "QuantConv_init", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "QuantLinear_init", Kind::Module},
    AllowedGlobal{"models.diracdeltanet", "Shift3x3", Kind::Module},
};

}  // namespace

const AllowedGlobal* find_global(std::string_view module, std::string_view name) {
  const auto* const found = std::ranges::find_if(kGlobals, [&](const AllowedGlobal& global) {
    return global.module == module && global.name == name;
  });
  return found == kGlobals.end() ? nullptr : found;
}

}  // namespace sluice::importer::pytorch
