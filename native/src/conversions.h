/*
 * Doubles to integers as x86-64 converts them. C leaves values out of range undefined; scripts see what the processor
 * does (string.format('%d', 1e300), struct.pack), and WebAssembly's instructions answer otherwise.
 */
#ifndef PERILUNE_CONVERSIONS_H
#define PERILUNE_CONVERSIONS_H

#include <limits.h>

static inline int perilune_to_int32(double d) {
  return d > -2147483649.0 && d < 2147483648.0 ? (int)d : INT_MIN;
}

static inline long long perilune_to_int64(double d) {
  return d >= -9223372036854775808.0 && d < 9223372036854775808.0 ? (long long)d : LLONG_MIN;
}

static inline unsigned long long perilune_to_uint64(double d) {
  if (!(d >= 9223372036854775808.0)) return (unsigned long long)perilune_to_int64(d);
  return (unsigned long long)perilune_to_int64(d - 9223372036854775808.0) ^ (1ULL << 63);
}

#ifdef __wasm__
typedef long long perilune_ptrdiff;
#else
#include <stddef.h>
typedef ptrdiff_t perilune_ptrdiff;
#endif

#endif
