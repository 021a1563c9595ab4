// SPDX-License-Identifier: Apache-2.0
// Device: an FPGA on its board, as a designer reckons with it. Devices are files, so that anybody
// can add one: docs/reference/devices.md has the form.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/hw/resources.hpp"

namespace sluice::hw {

// A link to other boards.
struct Ethernet {
  double gbps = 0;
  double latency_s = 0;
  friend bool operator==(const Ethernet&, const Ethernet&) = default;
};

struct Device {
  std::string name;    // of its file: zcu104
  std::string part;    // as the vendor's tools call it: xczu7ev-ffvc1156-2-e
  std::string board;   // empty for a part by itself
  std::string family;  // UltraScale+
  std::string source;  // where the totals are from: the vendor's document
  Resources resources;
  double clock_mhz = 0;          // what designs are reckoned at unless told otherwise
  double memory_gbps = 0;        // Gbit/s between the device and its memory; 0: it has none
  double reconfiguration_s = 0;  // for another design to be loaded
  std::int64_t port_bits = 0;    // a clock, of a port to the memory
  std::int64_t dsp_a_bits = 0;   // the multiplier of a DSP block, signed
  std::int64_t dsp_b_bits = 0;
  std::optional<Ethernet> ethernet;

  // Of the text of a device file, in ASCII and of at most 1 MiB. Parse, with line and column as the
  // place, if it is no TOML, lacks a key, has an unknown one or one of another type, or a number is
  // negative, no finite one, or, but for the resources and what may be absent, zero.
  static Result<Device> parse(std::string_view toml_text, std::string_view name);
  // The same for a file, which names the device. Io if it cannot be read.
  static Result<Device> read(const std::filesystem::path& path);

  friend bool operator==(const Device&, const Device&) = default;
};

// A path, which ends in ".toml" or has a slash, or the name of a device that comes with the
// program, in letters of either case. InvalidArgument, with the nearest name and where the list is,
// for an unknown one.
[[nodiscard]] Result<Device> find_device(const std::string& name_or_path);

// The devices that come with the program, by name in alphabetical order. Io, naming the places, if
// their folder is not found.
[[nodiscard]] Result<std::vector<std::string>> device_names();

}  // namespace sluice::hw
