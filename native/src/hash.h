/*
 * The hash of strings: MurmurHash3 (32 bits, Austin Appleby, public domain), seeded with the length as Valkey does. The
 * order in which pairs() visits a table depends on it.
 */
#ifndef PERILUNE_HASH_H
#define PERILUNE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t perilune_rotate(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

static inline uint32_t perilune_hash_mix(uint32_t k) { return perilune_rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

static inline uint32_t perilune_hash(const char *bytes, size_t length) {
  uint32_t h = (uint32_t)length;
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    uint32_t k;
    memcpy(&k, bytes + i, 4);
    h = perilune_rotate(h ^ perilune_hash_mix(k), 13) * 5 + 0xe6546b64u;
  }
  if (i < length) {
    const unsigned char *tail = (const unsigned char *)bytes + i;
    uint32_t k = tail[0];
    if (length - i > 1) k |= (uint32_t)tail[1] << 8;
    if (length - i > 2) k |= (uint32_t)tail[2] << 16;
    h ^= perilune_hash_mix(k);
  }
  h ^= (uint32_t)length;
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return h ^ h >> 16;
}

#endif
