/* Lua values as the debugger shows them. */
#ifndef PERILUNE_DEBUG_VALUES_H
#define PERILUNE_DEBUG_VALUES_H

#include "lua.h"

/* Writes the value at an index counted from the bottom of the stack to the output; runs no code of the script. */
void perilune_describe_value(lua_State *L, int index);

#endif
