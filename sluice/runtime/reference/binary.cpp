// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "sluice/runtime/reference/index.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

// out[i] = f(a, b) for the elements broadcasting pairs up; f's result is of type Out.
template <class Out, class A, class B, class F>
Status zip(const KernelArgs& args, F f) {
  SL_TRY(const std::vector<A> a, read_values<A>(args.in(0)));
  SL_TRY(const std::vector<B> b, read_values<B>(args.in(1)));
  std::vector<Out> y(static_cast<std::size_t>(args.out().num_elements()));
  for_each_broadcast<2>(args.out().shape(), {args.in(0).shape(), args.in(1).shape()},
                        [&](std::int64_t i, const std::array<std::int64_t, 2>& at) {
                          y[static_cast<std::size_t>(i)] = f(a[static_cast<std::size_t>(at[0])],
                                                             b[static_cast<std::size_t>(at[1])]);
                        });
  return write_values(y, args.out());
}

// Two inputs of one type, and an output of the same.
template <class F>
Status arithmetic(const KernelArgs& args, F f) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) { return zip<T, T, T>(args, f); });
}

// Toward zero; by zero gives 0; the most negative integer by -1 wraps to itself.
template <class T>
T quotient(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == T{-1}) return static_cast<T>(0 - static_cast<Wrapping<T>>(a));
    }
  }
  return static_cast<T>(a / b);
}

// base^exponent by squaring, wrapping.
std::uint64_t whole_power(std::uint64_t base, std::uint64_t exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result *= base;
    base *= base;
  }
  return result;
}

// Integers to integer powers are exact (wrapping); 1/base^|exponent| is cut to a whole number, and
// 0 for base 0, where it has no value. All else goes through double.
template <class T, class E>
T power(T base, E exponent) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<E>) {
    if (exponent >= E{0}) {
      return static_cast<T>(
          whole_power(static_cast<Wrapping<T>>(base), static_cast<Wrapping<E>>(exponent)));
    }
    if (base == T{1}) return base;
    if (std::is_signed_v<T> && base == static_cast<T>(-1)) {
      return exponent % 2 == 0 ? T{1} : base;
    }
    return T{0};
  } else {
    return saturate_to<T>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
}

// Folds the inputs from the left with f(so far, next).
template <class F>
Status fold(const KernelArgs& args, F f) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) -> Status {
    std::vector<T> y(static_cast<std::size_t>(args.out().num_elements()));
    for (std::size_t k = 0; k < args.inputs.size(); ++k) {
      SL_TRY(const std::vector<T> x, read_values<T>(args.in(k)));
      for_each_broadcast<1>(args.out().shape(), {args.in(k).shape()},
                            [&](std::int64_t i, const std::array<std::int64_t, 1>& at) {
                              T& so_far = y[static_cast<std::size_t>(i)];
                              const T next = x[static_cast<std::size_t>(at[0])];
                              so_far = k == 0 ? next : f(so_far, next);
                            });
    }
    return write_values(y, args.out());
  });
}

}  // namespace

Status run(const ir::Add& /*op*/, const KernelArgs& args) {
  return arithmetic(args, []<class T>(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  });
}

Status run(const ir::Sub& /*op*/, const KernelArgs& args) {
  return arithmetic(args, []<class T>(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  });
}

Status run(const ir::Mul& /*op*/, const KernelArgs& args) {
  return arithmetic(args, []<class T>(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  });
}

Status run(const ir::Div& /*op*/, const KernelArgs& args) {
  return arithmetic(args, []<class T>(T a, T b) { return quotient(a, b); });
}

Status run(const ir::PRelu& /*op*/, const KernelArgs& args) {
  return arithmetic(args, []<class T>(T x, T slope) {
    return x < T{0} ? static_cast<T>(static_cast<Wrapping<T>>(slope) * static_cast<Wrapping<T>>(x))
                    : x;
  });
}

Status run(const ir::Pow& /*op*/, const KernelArgs& args) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) {
    return dispatch(args.in(1).dtype(), [&]<class E>(E) {
      return zip<T, T, E>(args, [](T base, E exponent) { return power(base, exponent); });
    });
  });
}

Status run(const ir::Equal& /*op*/, const KernelArgs& args) {
  return dispatch(args.in(0).dtype(), [&]<class T>(T) {
    return zip<std::uint8_t, T, T>(
        args, [](T a, T b) { return static_cast<std::uint8_t>(a == b ? 1 : 0); });
  });
}

// A NaN in any input makes the result NaN.
Status run(const ir::Max& /*op*/, const KernelArgs& args) {
  return fold(args, [](auto a, auto b) { return maximum(a, b); });
}

Status run(const ir::Min& /*op*/, const KernelArgs& args) {
  return fold(args, [](auto a, auto b) { return minimum(a, b); });
}

// Elements are moved, not computed with: any type, bit by bit.
Status run(const ir::Where& /*op*/, const KernelArgs& args) {
  SL_TRY(const std::vector<std::uint8_t> condition, read_values<std::uint8_t>(args.in(0)));
  const std::size_t size = storage_bytes(args.out().dtype());
  std::byte* y = args.out().mutable_bytes().data();
  for_each_broadcast<3>(
      args.out().shape(), {args.in(0).shape(), args.in(1).shape(), args.in(2).shape()},
      [&](std::int64_t i, const std::array<std::int64_t, 3>& at) {
        const std::size_t chosen = condition[static_cast<std::size_t>(at[0])] != 0 ? 1 : 2;
        const std::byte* x = args.in(chosen).bytes().data();
        std::memcpy(y + static_cast<std::size_t>(i) * size,
                    x + static_cast<std::size_t>(at[chosen]) * size, size);
      });
  return {};
}

}  // namespace sluice::runtime::reference
