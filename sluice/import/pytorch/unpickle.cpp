// SPDX-License-Identifier: Apache-2.0
// The opcodes are those of Python's Lib/pickletools.py, under the names it gives them.
#include "sluice/import/pytorch/unpickle.hpp"

#include <array>
#include <bit>
#include <fmt/format.h>
#include <string>
#include <unordered_map>

#include "sluice/base/bytes.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/pytorch/pickle_bytes.hpp"
#include "sluice/import/pytorch/reduce.hpp"

namespace sluice::importer::pytorch {
namespace {

class Machine {
 public:
  explicit Machine(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // Until STOP. The place of an error is for the caller to add: opcode_at().
  Result<Pickle> run();
  [[nodiscard]] std::size_t opcode_at() const { return opcode_at_; }

  // ---- the opcodes; kOpcodes names them
  Status stop();
  Status mark();
  Status pop();
  Status pop_mark();
  Status duplicate();
  Status none() { return push(None{}); }
  Status true_value() { return push(true); }
  Status false_value() { return push(false); }
  Status int_line();
  Status long_line();
  Status float_line();
  Status string_line();
  Status unicode_line();
  template <class T>
  Status integer();
  template <class Size>
  Status long_integer();
  Status binary_float();
  template <class Size, class T>
  Status counted();
  template <class T>
  Status empty() {
    return push(T{});
  }
  template <class T>
  Status from_mark();
  template <std::size_t count>
  Status tuple();
  Status dict_from_mark();
  Status append();
  Status append_all();
  Status set_item();
  Status set_items();
  Status get_line();
  Status put_line();
  template <class Size>
  Status get();
  template <class Size>
  Status put();
  Status memoize();
  Status protocol();
  Status frame();
  Status global();
  Status stack_global();
  Status reduce_call();
  Status new_object();
  Status build();
  Status persistent_id();

 private:
  using Items = std::vector<ValueId>;

  Result<std::uint32_t> index_line();

  Status push(Value value);
  Status push_id(ValueId id);
  Result<ValueId> pop_id();
  // The values above the last mark, which goes.
  Result<Items> pop_to_mark();
  template <class T>
  Result<T*> top_as(std::string_view kind);
  Status add_pairs(const Items& items, Dictionary& dictionary);
  Status push_global(std::string_view module, std::string_view name);
  Status remember(std::uint32_t index);
  Status recall(std::uint32_t index);

  PickleBytes bytes_;
  std::size_t opcode_at_ = 0;
  bool stopped_ = false;
  Pickle pickle_;
  Items stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::unordered_map<std::uint32_t, ValueId> memo_;
  std::size_t copied_pairs_ = 0;
};

using Handler = Status (Machine::*)();

struct Opcode {
  unsigned char code;
  const char* name;
  Handler handler;  // null: refused
};

using U1 = std::uint8_t;
using U2 = std::uint16_t;
using U4 = std::uint32_t;
using U8 = std::uint64_t;
using Text = std::string_view;

constexpr std::array kOpcodes{
    Opcode{'.', "STOP", &Machine::stop},
    Opcode{'(', "MARK", &Machine::mark},
    Opcode{'0', "POP", &Machine::pop},
    Opcode{'1', "POP_MARK", &Machine::pop_mark},
    Opcode{'2', "DUP", &Machine::duplicate},
    Opcode{'N', "NONE", &Machine::none},
    Opcode{0x88, "NEWTRUE", &Machine::true_value},
    Opcode{0x89, "NEWFALSE", &Machine::false_value},
    Opcode{'I', "INT", &Machine::int_line},
    Opcode{'L', "LONG", &Machine::long_line},
    Opcode{'F', "FLOAT", &Machine::float_line},
    Opcode{'S', "STRING", &Machine::string_line},
    Opcode{'V', "UNICODE", &Machine::unicode_line},
    Opcode{'K', "BININT1", &Machine::integer<U1>},
    Opcode{'M', "BININT2", &Machine::integer<U2>},
    Opcode{'J', "BININT", &Machine::integer<U4>},
    Opcode{0x8a, "LONG1", &Machine::long_integer<U1>},
    Opcode{0x8b, "LONG4", &Machine::long_integer<U4>},
    Opcode{'G', "BINFLOAT", &Machine::binary_float},
    Opcode{'U', "SHORT_BINSTRING", &Machine::counted<U1, Text>},
    Opcode{'T', "BINSTRING", &Machine::counted<U4, Text>},
    Opcode{0x8c, "SHORT_BINUNICODE", &Machine::counted<U1, Text>},
    Opcode{'X', "BINUNICODE", &Machine::counted<U4, Text>},
    Opcode{0x8d, "BINUNICODE8", &Machine::counted<U8, Text>},
    Opcode{'C', "SHORT_BINBYTES", &Machine::counted<U1, Binary>},
    Opcode{'B', "BINBYTES", &Machine::counted<U4, Binary>},
    Opcode{0x8e, "BINBYTES8", &Machine::counted<U8, Binary>},
    Opcode{']', "EMPTY_LIST", &Machine::empty<List>},
    Opcode{')', "EMPTY_TUPLE", &Machine::empty<Tuple>},
    Opcode{'}', "EMPTY_DICT", &Machine::empty<Dictionary>},
    Opcode{0x8f, "EMPTY_SET", &Machine::empty<List>},
    Opcode{'l', "LIST", &Machine::from_mark<List>},
    Opcode{'t', "TUPLE", &Machine::from_mark<Tuple>},
    Opcode{0x91, "FROZENSET", &Machine::from_mark<List>},
    Opcode{0x85, "TUPLE1", &Machine::tuple<1>},
    Opcode{0x86, "TUPLE2", &Machine::tuple<2>},
    Opcode{0x87, "TUPLE3", &Machine::tuple<3>},
    Opcode{'d', "DICT", &Machine::dict_from_mark},
    Opcode{'a', "APPEND", &Machine::append},
    Opcode{'e', "APPENDS", &Machine::append_all},
    Opcode{0x90, "ADDITEMS", &Machine::append_all},
    Opcode{'s', "SETITEM", &Machine::set_item},
    Opcode{'u', "SETITEMS", &Machine::set_items},
    Opcode{'g', "GET", &Machine::get_line},
    Opcode{'h', "BINGET", &Machine::get<U1>},
    Opcode{'j', "LONG_BINGET", &Machine::get<U4>},
    Opcode{'p', "PUT", &Machine::put_line},
    Opcode{'q', "BINPUT", &Machine::put<U1>},
    Opcode{'r', "LONG_BINPUT", &Machine::put<U4>},
    Opcode{0x94, "MEMOIZE", &Machine::memoize},
    Opcode{0x80, "PROTO", &Machine::protocol},
    Opcode{0x95, "FRAME", &Machine::frame},
    Opcode{'c', "GLOBAL", &Machine::global},
    Opcode{0x93, "STACK_GLOBAL", &Machine::stack_global},
    Opcode{'R', "REDUCE", &Machine::reduce_call},
    Opcode{0x81, "NEWOBJ", &Machine::new_object},
    Opcode{'b', "BUILD", &Machine::build},
    Opcode{'Q', "BINPERSID", &Machine::persistent_id},
    // No checkpoint needs these.
    Opcode{'P', "PERSID", nullptr},
    Opcode{'i', "INST", nullptr},
    Opcode{'o', "OBJ", nullptr},
    Opcode{0x82, "EXT1", nullptr},
    Opcode{0x83, "EXT2", nullptr},
    Opcode{0x84, "EXT4", nullptr},
    Opcode{0x92, "NEWOBJ_EX", nullptr},
    Opcode{0x96, "BYTEARRAY8", nullptr},
    Opcode{0x97, "NEXT_BUFFER", nullptr},
    Opcode{0x98, "READONLY_BUFFER", nullptr},
};

constexpr std::array<const Opcode*, 256> kOpcodeOfByte = [] {
  std::array<const Opcode*, 256> table{};
  for (const Opcode& opcode : kOpcodes) table[opcode.code] = &opcode;
  return table;
}();

// ---- the stack

Result<std::uint32_t> Machine::index_line() {
  SL_TRY(const std::string_view text, bytes_.line());
  const auto index = parse_whole<std::uint32_t>(text);
  if (!index)
    return malformed_pickle(fmt::format("{} is no index of the memo", sluice::quoted(text)));
  return *index;
}

Status Machine::push(Value value) {
  if (pickle_.values.size() >= kMaxPickleValues) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("pickle makes more than {} values; save the state dict alone",
                             kMaxPickleValues)};
  }
  pickle_.values.push_back(std::move(value));
  return push_id(ValueId(pickle_.values.size() - 1));
}

Status Machine::push_id(ValueId id) {
  if (stack_.size() + marks_.size() >= kMaxPickleValues) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("pickle keeps more than {} values on its stack", kMaxPickleValues)};
  }
  stack_.push_back(id);
  return {};
}

Result<ValueId> Machine::pop_id() {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) return malformed_pickle("it takes a value where there is none");
  const ValueId id = stack_.back();
  stack_.pop_back();
  return id;
}

Result<Machine::Items> Machine::pop_to_mark() {
  if (marks_.empty()) return malformed_pickle("it goes back to a mark where there is none");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  Items items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

// The value on top, which stays there.
template <class T>
Result<T*> Machine::top_as(std::string_view kind) {
  SL_TRY(const ValueId id, pop_id());
  stack_.push_back(id);
  T* value = std::get_if<T>(&pickle_.values[static_cast<std::size_t>(id)]);
  if (value == nullptr)
    return malformed_pickle(fmt::format("it takes something else for a {}", kind));
  return value;
}

Status Machine::stop() {
  SL_TRY(pickle_.root, pop_id());
  pickle_.size_bytes = bytes_.at();
  stopped_ = true;
  return {};
}

Status Machine::mark() {
  if (stack_.size() + marks_.size() >= kMaxPickleValues) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("pickle keeps more than {} values on its stack", kMaxPickleValues)};
  }
  marks_.push_back(stack_.size());
  return {};
}

Status Machine::pop() {
  // Python's own machine drops a mark where there is nothing above it.
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    return {};
  }
  SL_TRY([[maybe_unused]] const ValueId dropped, pop_id());
  return {};
}

Status Machine::pop_mark() {
  SL_TRY([[maybe_unused]] const Items dropped, pop_to_mark());
  return {};
}

Status Machine::duplicate() {
  SL_TRY(const ValueId id, pop_id());
  SL_TRY_STATUS(push_id(id));
  return push_id(id);
}

// ---- numbers and texts

Status Machine::int_line() {
  SL_TRY(const std::string_view text, bytes_.line());
  if (text == "00" || text == "01") return push(text == "01");
  const auto value = parse_whole<std::int64_t>(text);
  if (!value) return malformed_pickle(fmt::format("{} is no integer", sluice::quoted(text)));
  return push(*value);
}

Status Machine::long_line() {
  SL_TRY(std::string_view text, bytes_.line());
  if (text.ends_with('L')) text.remove_suffix(1);
  const auto value = parse_whole<std::int64_t>(text);
  if (!value)
    return malformed_pickle(fmt::format("{} is no integer of 64 bits", sluice::quoted(text)));
  return push(*value);
}

Status Machine::float_line() {
  SL_TRY(const std::string_view text, bytes_.line());
  const auto value = parse_whole<double>(text);
  if (!value) return malformed_pickle(fmt::format("{} is no number", sluice::quoted(text)));
  return push(*value);
}

Status Machine::string_line() {
  SL_TRY(const std::string_view text, bytes_.line());
  const bool in_quotes = text.size() >= 2 && text.front() == text.back() &&
                         (text.front() == '\'' || text.front() == '"');
  if (!in_quotes || text.find('\\') != std::string_view::npos) {
    return malformed_pickle(fmt::format("{} is no plain text in quotes", sluice::quoted(text)));
  }
  return push(text.substr(1, text.size() - 2));
}

Status Machine::unicode_line() {
  SL_TRY(const std::string_view text, bytes_.line());
  if (text.find('\\') != std::string_view::npos) {
    return malformed_pickle(
        fmt::format("{} has escapes, which names of tensors do not", sluice::quoted(text)));
  }
  return push(text);
}

template <class T>
Status Machine::integer() {
  SL_TRY(const T value, bytes_.number<T>());
  // Only the widest of these three is signed.
  if constexpr (sizeof(T) == sizeof(std::int32_t)) {
    return push(std::int64_t{static_cast<std::int32_t>(value)});
  } else {
    return push(std::int64_t{value});
  }
}

template <class Size>
Status Machine::long_integer() {
  SL_TRY(const Size count, bytes_.number<Size>());
  SL_TRY(const std::string_view bytes, bytes_.take(count));
  if (bytes.size() > sizeof(std::int64_t)) return push(LongInteger{bytes});
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return push(static_cast<std::int64_t>(value));
}

// The one number of a pickle that is big-endian.
Status Machine::binary_float() {
  SL_TRY(const std::string_view bytes, bytes_.take(sizeof(double)));
  const auto bits = load_big<std::uint64_t>(reinterpret_cast<const std::byte*>(bytes.data()));
  return push(std::bit_cast<double>(bits));
}

template <class Size, class T>
Status Machine::counted() {
  SL_TRY(const Size count, bytes_.number<Size>());
  SL_TRY(const std::string_view bytes, bytes_.take(count));
  return push(T{bytes});
}

// ---- collections

template <class T>
Status Machine::from_mark() {
  SL_TRY(Items items, pop_to_mark());
  return push(T{std::move(items)});
}

template <std::size_t count>
Status Machine::tuple() {
  Items items(count);
  for (std::size_t i = count; i-- > 0;) {
    SL_TRY(items[i], pop_id());
  }
  return push(Tuple{std::move(items)});
}

Status Machine::add_pairs(const Items& items, Dictionary& dictionary) {
  if (items.size() % 2 != 0) return malformed_pickle("a dictionary has a key without a value");
  // No reserve(): of pairs that come one by one it would make the time quadratic.
  for (std::size_t i = 0; i < items.size(); i += 2) {
    dictionary.items.emplace_back(items[i], items[i + 1]);
  }
  return {};
}

Status Machine::dict_from_mark() {
  SL_TRY(const Items items, pop_to_mark());
  Dictionary dictionary;
  SL_TRY_STATUS(add_pairs(items, dictionary));
  return push(std::move(dictionary));
}

Status Machine::append() {
  SL_TRY(const ValueId item, pop_id());
  SL_TRY(List * list, top_as<List>("list"));
  list->items.push_back(item);
  return {};
}

Status Machine::append_all() {
  SL_TRY(const Items items, pop_to_mark());
  SL_TRY(List * list, top_as<List>("list"));
  list->items.insert(list->items.end(), items.begin(), items.end());
  return {};
}

Status Machine::set_item() {
  SL_TRY(const ValueId value, pop_id());
  SL_TRY(const ValueId key, pop_id());
  SL_TRY(Dictionary * dictionary, top_as<Dictionary>("dictionary"));
  return add_pairs({key, value}, *dictionary);
}

Status Machine::set_items() {
  SL_TRY(const Items items, pop_to_mark());
  SL_TRY(Dictionary * dictionary, top_as<Dictionary>("dictionary"));
  return add_pairs(items, *dictionary);
}

// ---- the memo

Status Machine::remember(std::uint32_t index) {
  SL_TRY(const ValueId id, pop_id());
  stack_.push_back(id);
  if (memo_.size() >= kMaxPickleValues) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("pickle remembers more than {} values", kMaxPickleValues)};
  }
  memo_.insert_or_assign(index, id);
  return {};
}

Status Machine::recall(std::uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) return malformed_pickle(fmt::format("its memo has no {}", index));
  return push_id(found->second);
}

Status Machine::get_line() {
  SL_TRY(const std::uint32_t index, index_line());
  return recall(index);
}

Status Machine::put_line() {
  SL_TRY(const std::uint32_t index, index_line());
  return remember(index);
}

template <class Size>
Status Machine::get() {
  SL_TRY(const Size index, bytes_.number<Size>());
  return recall(index);
}

template <class Size>
Status Machine::put() {
  SL_TRY(const Size index, bytes_.number<Size>());
  return remember(index);
}

Status Machine::memoize() {
  return remember(static_cast<std::uint32_t>(memo_.size()));
}

// ---- the frame around it

Status Machine::protocol() {
  constexpr unsigned kNewest = 5;
  SL_TRY(const unsigned version, bytes_.number<std::uint8_t>());
  if (version <= kNewest) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("pickle protocol {}, known are 0 to {}", version, kNewest)};
}

// Frames only tell how much to read ahead.
Status Machine::frame() {
  SL_TRY([[maybe_unused]] const std::uint64_t size, bytes_.number<std::uint64_t>());
  return {};
}

// ---- names, and what is made by them

Status Machine::push_global(std::string_view module, std::string_view name) {
  const AllowedGlobal* global = find_global(module, name);
  if (global != nullptr) return push(global);
  return Error{ErrorCode::Unsupported,
               fmt::format("asks for {}, which no checkpoint of weights needs; nothing of it was "
                           "run: save the state dict alone, with no objects in it",
                           sluice::quoted(fmt::format("{}.{}", module, name)))};
}

Status Machine::global() {
  SL_TRY(const std::string_view module, bytes_.line());
  SL_TRY(const std::string_view name, bytes_.line());
  return push_global(module, name);
}

Status Machine::stack_global() {
  SL_TRY(const ValueId name_id, pop_id());
  SL_TRY(const ValueId module_id, pop_id());
  const auto* const name = pickle_.as<std::string_view>(name_id);
  const auto* const module = pickle_.as<std::string_view>(module_id);
  if (name == nullptr || module == nullptr) return malformed_pickle("a global's name is no text");
  return push_global(*module, *name);
}

Status Machine::reduce_call() {
  SL_TRY(const ValueId arguments, pop_id());
  SL_TRY(const ValueId callee, pop_id());
  SL_TRY(Reduced result, reduce(pickle_, callee, arguments));
  if (const auto* id = std::get_if<ValueId>(&result)) return push_id(*id);
  auto& value = std::get<Value>(result);
  // The one value that copies others: a list of pairs may become a dictionary again and again.
  if (const auto* dictionary = std::get_if<Dictionary>(&value)) {
    copied_pairs_ += dictionary->items.size();
  }
  if (copied_pairs_ > kMaxPickleValues) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("makes dictionaries of more than {} pairs", kMaxPickleValues)};
  }
  return push(std::move(value));
}

Status Machine::new_object() {
  SL_TRY(const ValueId arguments, pop_id());
  SL_TRY(const ValueId callee, pop_id());
  SL_TRY(Value object, make_object(pickle_, callee, arguments));
  return push(std::move(object));
}

Status Machine::build() {
  SL_TRY(const ValueId state, pop_id());
  SL_TRY(const ValueId target, pop_id());
  SL_TRY_STATUS(set_state(pickle_, target, state));
  return push_id(target);
}

Status Machine::persistent_id() {
  SL_TRY(const ValueId id, pop_id());
  SL_TRY(Reduced result, resolve_persistent(pickle_, id));
  if (const auto* known = std::get_if<ValueId>(&result)) return push_id(*known);
  return push(std::get<Value>(std::move(result)));
}

Result<Pickle> Machine::run() {
  while (!stopped_) {
    opcode_at_ = bytes_.at();
    SL_TRY(const unsigned code, bytes_.number<std::uint8_t>());
    const Opcode* opcode = kOpcodeOfByte[code];
    if (opcode == nullptr) return malformed_pickle(fmt::format("0x{:02x} is no opcode", code));
    if (opcode->handler == nullptr) {
      return Error{ErrorCode::Unsupported,
                   fmt::format("pickle opcode {}, which no checkpoint of weights needs; save the "
                               "state dict alone",
                               opcode->name)};
    }
    if (Status status = (this->*opcode->handler)(); !status) {
      Error error = std::move(status).error();
      error.message = fmt::format("pickle opcode {}: {}", opcode->name, error.message);
      return error;
    }
  }
  return std::move(pickle_);
}

}  // namespace

Result<Pickle> unpickle(std::span<const std::byte> bytes, std::size_t first_byte) {
  Machine machine(bytes);
  auto pickle = machine.run();
  if (!pickle) {
    return std::move(pickle).error().at(fmt::format("byte {}", first_byte + machine.opcode_at()));
  }
  return pickle;
}

}  // namespace sluice::importer::pytorch
