/*
 * Values between Lua and programs of the host, as streams: the tags of abi.h, where an array and a map (count of pairs)
 * are tables, TAG_FUNCTION is a function of the host's by its number and TAG_LUA_FUNCTION one of Lua's by its reference.
 */
#ifndef PERILUNE_VALUES_H
#define PERILUNE_VALUES_H

#include "lua.h"

/* Appends the value at `index` to the output; raises an error for what has no meaning outside Lua. */
void perilune_put_value(lua_State *L, int index);

/* Pushes the value at `p`; returns the position behind it. */
const char *perilune_get_value(lua_State *L, const char *p);

#endif
