/*
 * Moving a few bytes. memcpy is an instruction of WebAssembly that calls out of it: worth that for many bytes, but the
 * strings of scripts are short.
 */
#ifndef PERILUNE_BYTES_H
#define PERILUNE_BYTES_H

#include <stddef.h>
#include <string.h>

#define PERILUNE_SHORT_COPY 64

static inline void perilune_copy(void *target, const void *source, size_t size) {
  char *to = target;
  const char *from = source;
  if (size > PERILUNE_SHORT_COPY) {
    memcpy(to, from, size);
    return;
  }
  for (; size >= 8; size -= 8, to += 8, from += 8) __builtin_memcpy(to, from, 8);
  if (size & 4) {
    __builtin_memcpy(to, from, 4);
    to += 4;
    from += 4;
  }
  for (size &= 3; size > 0; size--) *to++ = *from++;
}

#endif
