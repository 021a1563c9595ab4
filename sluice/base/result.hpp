// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. The names are a subset of C++23's std::expected.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace sluice {

enum class ErrorCode : unsigned char {
  InvalidArgument,  // the caller passed something the contract forbids (bad flag, bad shape)
  Parse,            // a file is not what it claims to be
  Unsupported,      // valid input that is not taken; names the op and the place
  Verify,           // a graph breaks an invariant
  Infeasible,       // no solution under the constraints given; or "the answer is no"
  Io,               // the operating system said no
  External,         // a third-party tool or library failed
  Internal,         // a bug here
  Interrupted,      // the user asked to stop (Ctrl-C); what was done is saved
};

// Where in our own source an Error was made (std::source_location needs a newer clang).
struct Origin {
  const char* file = "";
  int line = 0;
  static constexpr Origin here(const char* f = __builtin_FILE(), int l = __builtin_LINE()) {
    return {f, l};
  }
};

struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;  // one sentence, lower case, no full stop: what is wrong, and the remedy
  std::string where;    // what the user can open: `net.onnx: node "conv1"`, `a.json/layers/3`
  Origin origin;

  Error(ErrorCode c, std::string what, std::string place = {}, Origin o = Origin::here())
      : code(c), message(std::move(what)), where(std::move(place)), origin(o) {}

  // Prefixes the place; callers add theirs while the error travels up: `file: node "x"`.
  Error&& at(const std::string& place) && {
    const bool joined = where.empty() || where.front() == '/';
    where = place + (joined ? "" : ": ") + where;
    return std::move(*this);
  }

  // `where: message`, as the command line prints it.
  std::string text() const { return where.empty() ? message : where + ": " + message; }
};

// The error that is made most often.
inline Error invalid_argument(std::string message, Origin origin = Origin::here()) {
  return {ErrorCode::InvalidArgument, std::move(message), {}, origin};
}

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit on purpose: `return value;` and `return Error{...};` are the two ways out.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  Error& error() & noexcept { return *std::get_if<1>(&state_); }
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  Error& error() & noexcept { return *error_; }
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace sluice

// NOLINTBEGIN(bugprone-macro-parentheses): `lhs` is a declaration.
#define SL_CONCAT_INNER(a, b) a##b
#define SL_CONCAT(a, b) SL_CONCAT_INNER(a, b)

// SL_TRY(lhs, expr): bind the value of a Result, or return its Error from this function.
#define SL_TRY(lhs, ...) SL_TRY_IMPL(SL_CONCAT(sl_try_, __COUNTER__), lhs, (__VA_ARGS__))
#define SL_TRY_IMPL(result, lhs, expr)                       \
  auto result = expr;                                        \
  if (!result.has_value()) return std::move(result).error(); \
  lhs = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

// SL_TRY_STATUS(expr): the same for Status.
#define SL_TRY_STATUS(...)                                                               \
  do {                                                                                   \
    if (auto sl_status = (__VA_ARGS__); !sl_status) return std::move(sl_status).error(); \
  } while (false)
