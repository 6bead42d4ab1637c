/* SHA-1 (FIPS 180-4), for redis.sha1hex. */
#ifndef PERILUNE_SHA1_H
#define PERILUNE_SHA1_H

#include <stddef.h>

/* Writes 40 hexadecimal digits. */
void perilune_sha1_hex(const char *bytes, size_t length, char *hex);

#endif
