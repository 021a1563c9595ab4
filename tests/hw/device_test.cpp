// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/device.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kWhole = R"([device]
part = "p1"
board = ""
family = "f"
source = "made up"
[resources]
lut = 100
ff = 200.5
dsp = 3
bram18 = 4
uram = 0
[system]
clock_mhz = 150
memory_gbps = 0
reconfiguration_s = 0.5
port_bits = 64
[dsp]
a_bits = 27
b_bits = 18
)";

// The whole file with one text in it replaced.
std::string device_with(std::string_view old_text, std::string_view new_text) {
  std::string text(kWhole);
  const std::size_t at = text.find(old_text);
  EXPECT_NE(at, text.npos) << old_text;
  return text.replace(at, old_text.size(), new_text);
}

std::string device_error(std::string_view text) {
  const auto result = Device::parse(text, "mine");
  if (result) return "no error";
  EXPECT_EQ(result.error().code, ErrorCode::Parse);
  return result.error().text();
}

TEST(Resources, AddUpKindByKind) {
  const Resources sum = Resources{1, 2, 0.25, 4, 5} + Resources{10, 20, 0.5, 40, 50};
  EXPECT_EQ(sum, (Resources{11, 22, 0.75, 44, 55}));
}

TEST(Device, IsReadFromItsText) {
  const auto device = Device::parse(kWhole, "mine");
  ASSERT_TRUE(device) << device.error().text();
  const Device expected{.name = "mine",
                        .part = "p1",
                        .board = "",
                        .family = "f",
                        .source = "made up",
                        .resources = {100, 200.5, 3, 4, 0},
                        .clock_mhz = 150,
                        .memory_gbps = 0,
                        .reconfiguration_s = 0.5,
                        .port_bits = 64,
                        .dsp_a_bits = 27,
                        .dsp_b_bits = 18};
  EXPECT_EQ(*device, expected);
}

TEST(Device, MayHaveEthernet) {
  const std::string text = std::string(kWhole) + "[ethernet]\ngbps = 100\nlatency_s = 5e-6\n";
  const auto device = Device::parse(text, "mine");
  ASSERT_TRUE(device) << device.error().text();
  EXPECT_EQ(device->ethernet, (Ethernet{100, 5e-6}));
}

TEST(Device, UnknownKeysAreRefusedWithTheNearestOne) {
  EXPECT_EQ(device_error(device_with("bram18", "bram16")),
            "line 10, column 1: \"bram16\" is no key of [resources] (did you mean \"bram18\"?): "
            "correct or remove it");
  EXPECT_THAT(device_error(device_with("[system]", "[sistem]")),
              HasSubstr("line 12, column 2: \"sistem\" is no key of a device file (did you mean "
                        "\"system\"?)"));
}

TEST(Device, MissingKeysAndTablesAreNamed) {
  EXPECT_EQ(device_error(device_with("uram = 0\n", "")),
            "line 6, column 1: [resources] has no key uram: add it, a number");
  EXPECT_EQ(device_error(device_with("[dsp]\na_bits = 27\nb_bits = 18\n", "")),
            "has no table [dsp]: add it");
  EXPECT_EQ(device_error(""), "has no table [device]: add it");
}

TEST(Device, ValuesOfAnotherTypeAreRefused) {
  EXPECT_EQ(
      device_error(device_with("lut = 100", "lut = \"many\"")),
      "line 7, column 7: lut of [resources] must be a number that is finite and not negative");
  EXPECT_THAT(device_error(device_with("\"p1\"", "1")),
              HasSubstr("part of [device] must be a text that is not empty"));
  EXPECT_THAT(device_error(device_with("board = \"\"", "board = 1")),
              HasSubstr("board of [device] must be a text"));
  EXPECT_THAT(device_error(device_with("port_bits = 64", "port_bits = 64.5")),
              HasSubstr("port_bits of [system] must be an integer from 1 to 1048576"));
  EXPECT_THAT(device_error("dsp = 3\n"), HasSubstr("has no table [device]"));
  EXPECT_THAT(device_error("device = 3\n"), HasSubstr("line 1, column 10: device is no table"));
}

TEST(Device, NumbersMustBeFiniteAndInTheirRange) {
  for (const char* value : {"-1", "nan", "inf", "-inf", "-0.5"}) {
    EXPECT_THAT(device_error(device_with("ff = 200.5", std::string("ff = ") + value)),
                HasSubstr("line 8, column 6: ff of [resources] must be"))
        << value;
  }
  EXPECT_THAT(device_error(device_with("clock_mhz = 150", "clock_mhz = 0")),
              HasSubstr("must be a number that is finite and positive"));
  EXPECT_THAT(device_error(device_with("a_bits = 27", "a_bits = 0")), HasSubstr("a_bits of [dsp]"));
  EXPECT_THAT(device_error(device_with("a_bits = 27", "a_bits = 9223372036854775807")),
              HasSubstr("a_bits"));
}

TEST(Device, TextThatIsNoTomlIsRefusedWithItsPlace) {
  EXPECT_THAT(device_error(device_with("lut = 100", "lut 100")),
              HasSubstr("line 7, column 5: is no TOML: "));
  EXPECT_THAT(device_error(device_with("lut = 100", "lut = 1\nlut = 2")), HasSubstr("line 8"));
  EXPECT_THAT(device_error("[#]\n"), HasSubstr("line 1, column 2: is no TOML: "));
  EXPECT_THAT(device_error("a = " + std::string(100000, '[')), HasSubstr("is no TOML: "));
}

TEST(Device, CharactersBeyondAsciiAreRefusedWithTheirPlace) {
  EXPECT_EQ(device_error("# a\r\n# \xc3\xa9"),
            "line 2, column 3: the byte \\xc3 is no printable ASCII: write it otherwise");
  EXPECT_THAT(device_error(std::string_view("a\0b", 3)),
              HasSubstr("line 1, column 2: the byte \\x00"));
}

TEST(Device, LongFilesAreRefusedUnread) {
  EXPECT_EQ(device_error(std::string((1 << 20) + 1, '#')),
            "has 1048577 bytes, a device file has at most 1048576");
}

TEST(Device, AFileNamesTheDeviceAndItsErrors) {
  const TempFolder temp;
  const auto device = Device::read(temp.write("mine.toml", kWhole));
  ASSERT_TRUE(device) << device.error().text();
  EXPECT_EQ(device->name, "mine");
  const auto bad = Device::read(temp.write("bad.toml", std::string_view("[devise]\n")));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().where, HasSubstr("bad.toml: line 1, column 2"));
  EXPECT_EQ(Device::read(temp.path() / "none.toml").error().code, ErrorCode::Io);
}

TEST(FindDevice, TakesAPathOrTheNameOfOneThatIsShipped) {
  const TempFolder temp;
  const auto mine = find_device(temp.write("mine.toml", kWhole).string());
  ASSERT_TRUE(mine) << mine.error().text();
  EXPECT_EQ(mine->part, "p1");
  const auto shipped = find_device("zcu104");
  ASSERT_TRUE(shipped) << shipped.error().text();
  EXPECT_EQ(shipped->name, "zcu104");
  EXPECT_EQ(*find_device("ZCU104"), *shipped);
  EXPECT_EQ(shipped->resources, (Resources{230400, 460800, 1728, 624, 96}));
}

TEST(FindDevice, SuggestsTheNearestNameAndSaysWhereTheListIs) {
  const auto result = find_device("ZCU14");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(result.error().text(), HasSubstr("no device is called \"ZCU14\" (did you mean "
                                               "\"zcu104\"?); the list is in "));
  EXPECT_FALSE(find_device(""));
  EXPECT_FALSE(find_device(".."));
  EXPECT_EQ(find_device("./zcu104").error().code, ErrorCode::Io);
}

TEST(FindDevice, EveryShippedFileIsADevice) {
  const auto names = device_names();
  ASSERT_TRUE(names) << names.error().text();
  EXPECT_GE(names->size(), 27U);
  EXPECT_TRUE(std::ranges::is_sorted(*names));
  for (const std::string& name : *names) {
    const auto device = find_device(name);
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_FALSE(device->part.empty()) << name;
    EXPECT_GT(device->resources.lut, 0) << name;
    EXPECT_GE(device->resources.ff, device->resources.lut) << name;
  }
}

TEST(FindDevice, TheUnitDeviceHasOneOfEverything) {
  const auto unit = find_device("unit");
  ASSERT_TRUE(unit) << unit.error().text();
  EXPECT_EQ(unit->resources, (Resources{1, 1, 1, 1, 1}));
  EXPECT_EQ(unit->clock_mhz, 1);
  EXPECT_EQ(unit->memory_gbps, 1);
}

}  // namespace
}  // namespace sluice::hw
