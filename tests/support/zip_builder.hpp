// SPDX-License-Identifier: Apache-2.0
// ZIP archives as numpy.savez and torch.save write them, or damaged in the ways a test asks for.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

#include "tests/support/deflate.hpp"

namespace sluice {

inline std::string little_endian(std::uint64_t value, int num_bytes) {
  std::string out;
  for (int i = 0; i < num_bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xffU);
  return out;
}

struct ZipBuilder {
  std::string members;
  std::string directory;
  unsigned count = 0;

  void add(const std::string& name, const std::string& content, unsigned method = 0,
           unsigned flags = 0) {
    const std::string packed = method == 8 ? deflated(content, -15) : content;
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string common = little_endian(20, 2) + little_endian(flags, 2) +
                               little_endian(method, 2) + little_endian(0, 4) +
                               little_endian(crc, 4) + little_endian(packed.size(), 4) +
                               little_endian(content.size(), 4) + little_endian(name.size(), 2);
    directory += "PK\1\2" + little_endian(20, 2) + common + std::string(12, '\0') +
                 little_endian(members.size(), 4) + name;
    members += "PK\3\4" + common + little_endian(4, 2) + name + "xtra" + packed;
    ++count;
  }

  [[nodiscard]] std::string text(const std::string& comment = "") const {
    return members + directory + "PK\5\6" + little_endian(0, 4) + little_endian(count, 2) +
           little_endian(count, 2) + little_endian(directory.size(), 4) +
           little_endian(members.size(), 4) + little_endian(comment.size(), 2) + comment;
  }

  // The same with its counts and places in the 64-bit records alone.
  [[nodiscard]] std::string text_64() const {
    const std::string record =
        "PK\6\6" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) +
        little_endian(0, 8) + little_endian(count, 8) + little_endian(count, 8) +
        little_endian(directory.size(), 8) + little_endian(members.size(), 8);
    const std::string locator = "PK\6\7" + little_endian(0, 4) +
                                little_endian(members.size() + directory.size(), 8) +
                                little_endian(1, 4);
    return members + directory + record + locator + "PK\5\6" + little_endian(0, 4) +
           little_endian(0xffff, 2) + little_endian(0xffff, 2) + std::string(8, '\xff') +
           little_endian(0, 2);
  }
};

}  // namespace sluice
