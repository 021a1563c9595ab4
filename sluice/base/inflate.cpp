// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/inflate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <zlib.h>

namespace sluice {
namespace {

using Stream = std::unique_ptr<z_stream, int (*)(z_stream*)>;

// zlib's pieces are counted in `unsigned`.
uInt piece(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

// Makes room behind the `used` bytes: double, from 64 KiB, but one byte over the limit at most
// (that byte tells an output that is too large from one that just fits).
void grow(std::vector<std::byte>& out, std::size_t used, std::size_t max_bytes) {
  if (used < out.size()) return;
  out.resize(std::min(std::max<std::size_t>(2 * used, 65536), max_bytes + 1));
}

}  // namespace

Result<std::vector<std::byte>> inflate(std::span<const std::byte> compressed,
                                       Compression compression, std::size_t max_bytes) {
  z_stream state{};
  const int window_bits = compression == Compression::Gzip ? 15 + 16 : -15;
  if (inflateInit2(&state, window_bits) != Z_OK) {
    return Error{ErrorCode::Internal, "zlib does not start"};
  }
  const Stream stream(&state, inflateEnd);
  std::vector<std::byte> out;
  std::size_t used = 0;
  for (;;) {
    grow(out, used, max_bytes);
    const uInt room = piece(out.size() - used);
    const uInt given = piece(compressed.size());
    // zlib's interface is not const-correct; it does not write to its input.
    state.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data()));
    state.avail_in = given;
    state.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    state.avail_out = room;
    const int status = ::inflate(&state, Z_NO_FLUSH);
    compressed = compressed.subspan(given - state.avail_in);
    used += room - state.avail_out;
    if (used > max_bytes) {
      return Error{ErrorCode::Parse,
                   fmt::format("decompresses to more than the {} bytes allowed", max_bytes)};
    }
    if (status == Z_STREAM_END) {
      if (compression == Compression::RawDeflate || compressed.empty()) break;
      inflateReset(&state);  // the next member
    } else if (status != Z_OK) {
      const char* why = state.msg != nullptr ? state.msg : "it ends too early";
      return Error{ErrorCode::Parse, fmt::format("compressed data is damaged: {}", why)};
    }
  }
  out.resize(used);
  return out;
}

}  // namespace sluice
