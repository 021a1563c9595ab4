// SPDX-License-Identifier: Apache-2.0
// Pickles opcode by opcode, honest ones and others. Opcodes are the characters of pickletools.py.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/zip_builder.hpp"

namespace sluice {

namespace pickled {

inline std::string protocol(int version = 2) {
  return std::string("\x80") + static_cast<char>(version);
}
inline std::string text(std::string_view value) {
  return "X" + little_endian(value.size(), 4) + std::string(value);
}
inline std::string integer(std::int64_t value) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8);
}
inline std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}
inline std::string tuple(std::initializer_list<std::string> items) {
  std::string out = "(";
  for (const std::string& item : items) out += item;
  return out + "t";
}
inline std::string integers(const std::vector<std::int64_t>& values) {
  std::string out = "(";
  for (const std::int64_t value : values) out += integer(value);
  return out + "t";
}
// {key: value, …}, the values being programs of their own.
inline std::string dictionary(std::initializer_list<std::pair<std::string_view, std::string>> items,
                              const std::string& empty = "}") {
  std::string out = empty + "(";
  for (const auto& [key, value] : items) out += text(key) + value;
  return out + "u";
}
inline std::string ordered_dictionary(
    std::initializer_list<std::pair<std::string_view, std::string>> items) {
  return dictionary(items, global("collections", "OrderedDict") + ")R");
}

struct TensorText {
  std::string key = "0";
  std::int64_t storage_elements = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
  std::string type = "FloatStorage";
  std::string view = "";  // what follows the storage's size; legacy files have a value there
};
inline std::string tensor(const TensorText& t) {
  const std::string storage = tuple({text("storage"), global("torch", t.type), text(t.key),
                                     text("cpu"), integer(t.storage_elements), t.view}) +
                              "Q";
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({storage, integer(t.offset), integers(t.sizes), integers(t.strides), "\x89",
                global("collections", "OrderedDict") + ")R"}) +
         "R";
}

// An object of a class of modules with these attributes.
inline std::string module(std::string_view of_module, std::string_view name,
                          const std::string& attributes) {
  return global(of_module, name) + ")\x81" + attributes + "b";
}

inline std::string whole(const std::string& program) {
  return protocol() + program + ".";
}

}  // namespace pickled

struct StorageText {
  std::string key;
  std::string bytes;
  std::size_t element_bytes = 4;
};

// What torch.save writes: a zip archive since 1.6.
inline std::string torch_archive(const std::string& program,
                                 const std::vector<StorageText>& storages, unsigned method = 0,
                                 const std::string& byte_order = "little") {
  ZipBuilder zip;
  zip.add("net/data.pkl", pickled::whole(program), method);
  if (!byte_order.empty()) zip.add("net/byteorder", byte_order);
  for (const StorageText& storage : storages) {
    zip.add("net/data/" + storage.key, storage.bytes, method);
  }
  return zip.text();
}

// The same before 1.6; storages as the object has them.
inline std::string torch_legacy(const std::string& program,
                                const std::vector<StorageText>& storages,
                                bool little_endian_machine = true) {
  using pickled::dictionary;
  using pickled::text;
  using pickled::whole;
  std::string keys = "](";
  std::string contents;
  for (const StorageText& storage : storages) {
    keys += text(storage.key);
    contents += little_endian(storage.bytes.size() / storage.element_bytes, 8) + storage.bytes;
  }
  const std::string magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  return whole(magic) + whole("M\xe9\x03") +
         whole(dictionary({{"little_endian", little_endian_machine ? "\x88" : "\x89"}})) +
         whole(program) + whole(keys + "e") + contents;
}

// The bytes of float32 numbers.
inline std::string float_bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace sluice
