/* Making an interpreter. */
#ifndef PERILUNE_STATE_H
#define PERILUNE_STATE_H

#include "lua.h"

/* An empty interpreter and the shared buffers, or NULL when there is not enough memory. */
lua_State *perilune_new_state(void);

/*
 * An interpreter with the sandbox that `make_sandbox`, called with `insecure`, makes; the value it returns is at the bottom
 * of the stack. NULL when there is not enough memory.
 */
lua_State *perilune_new_interpreter(lua_CFunction make_sandbox, int insecure);

/* Undoes what collectgarbage() of one script may have changed for the next. */
void perilune_reset_collector(lua_State *L);

#endif
