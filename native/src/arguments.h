/* What a script or function is called with. */
#ifndef PERILUNE_ARGUMENTS_H
#define PERILUNE_ARGUMENTS_H

#include <stdint.h>

#include "lua.h"

/*
 * Pushes an array of `count` strings: `table` holds a pair (offset in the input buffer, length) for each.
 */
void perilune_push_strings(lua_State *L, const uint32_t *table, int count);

#endif
