/*
 * Included before every C file of the build (-include), upstream's and ours: what upstream's configuration leaves to
 * the host, without an edit of upstream's files. The parity build for this machine includes it too, without the parts
 * that only WebAssembly needs.
 */
#ifndef PERILUNE_PREFIX_H
#define PERILUNE_PREFIX_H

#ifndef LUA_CORE
#define LUA_CORE
#endif

#include "luaconf.h"

#include "alarm.h"
#include "bytes.h"
#include "conversions.h"
#include "hash.h"
#include "heap.h"
#include "nesting.h"

#ifdef __wasm__
#include "exceptions.h"
#include "numbers.h"

/* x86-64 is the machine scripts were written on: its integers have 64 bits here too. */
#undef LUA_INTEGER
#define LUA_INTEGER long long
#undef LUA_INTFRMLEN
#undef LUA_INTFRM_T
#define LUA_INTFRMLEN "ll"
#define LUA_INTFRM_T long long
#undef lua_number2integer
#define lua_number2integer(i, d) ((i) = (lua_Integer)perilune_to_int64(d))

/* Pieces of a string under construction: fewer, larger ones than musl's BUFSIZ of 1024 makes. */
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 4096

#include "inline.h"
#endif

#endif
