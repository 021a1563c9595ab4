// SPDX-License-Identifier: Apache-2.0
// A folder of one test's own, removed with all that is in it when the test ends.
#pragma once

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "sluice/base/file.hpp"

namespace sluice {

class TempFolder {
 public:
  TempFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name =
        "sluice_" + std::to_string(::getpid()) + "_" + test->test_suite_name() + "_" + test->name();
    std::ranges::replace(name, '/', '_');  // of tests with parameters
    path_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(path_);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // Writes a file, and the folders above it; `content` is text or bytes.
  template <class Content>
  std::filesystem::path write(std::string_view name, const Content& content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    const Status status = write_file(file, content);
    EXPECT_TRUE(status) << file;
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace sluice
