// SPDX-License-Identifier: Apache-2.0
// oneDNN in our terms: shapes to descriptors, exceptions to errors.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <utility>

#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"

namespace sluice::runtime::onednn {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

// The one CPU engine.
[[nodiscard]] const dnnl::engine& engine();

// oneDNN has no scalars: rank 0 becomes one dimension of 1.
[[nodiscard]] Dims dims_of(const Shape& shape);

// float32, row-major.
[[nodiscard]] Desc plain_desc(const Dims& dims);
// float32, layout left to the primitive.
[[nodiscard]] Desc any_desc(const Dims& dims);
// float32, element strides as given.
[[nodiscard]] Desc strided_desc(const Dims& dims, const Dims& strides);

// float32 [N, C, spatial…] with the channels innermost.
[[nodiscard]] Desc channels_last_desc(const Dims& dims);
// Whether it is that layout, also where that is the row-major one.
[[nodiscard]] bool is_channels_last(const Desc& desc);
// The same with blocks of 8 or 16 channels innermost, padded; 1 to 3 spatial dimensions.
[[nodiscard]] Desc blocked_desc(const Dims& dims, std::int64_t block);

// Whether memory of this layout is row-major without gaps. Also true of a blocked layout that
// happens to be, such as [N, 16k, 1, 1] in blocks of 16.
[[nodiscard]] bool is_plain(const Desc& desc);

// Whether oneDNN can describe it: not empty, at most its number of dimensions.
[[nodiscard]] bool is_describable(const Shape& shape);

// Runs `body`, which returns a Result; what oneDNN throws becomes External.
template <class Body>
auto guarded(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const dnnl::error& error) {
    return Error{ErrorCode::External, std::string("oneDNN refused: ") + error.what()};
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::External, "out of memory in oneDNN"};
  }
}

}  // namespace sluice::runtime::onednn
