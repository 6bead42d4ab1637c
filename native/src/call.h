/* How scripts call commands. */
#ifndef PERILUNE_CALL_H
#define PERILUNE_CALL_H

#include "lua.h"

#include "abi.h"

void perilune_call_init(lua_State *L);

/* redis.call and redis.pcall. */
int perilune_redis_call(lua_State *L);
int perilune_redis_pcall(lua_State *L);

/*
 * The arguments of the running C function as the host reads them, in place: valid until Lua runs again. NULL when there
 * are none or one is neither a string nor a number; the error is then on top of the stack.
 */
const struct perilune_bytes *perilune_arguments(lua_State *L, int *count);

#endif
