/* Making an interpreter. */
#ifndef PERILUNE_STATE_H
#define PERILUNE_STATE_H

#include "lua.h"

/* An empty interpreter and the shared buffers, or NULL when there is not enough memory. */
lua_State *perilune_new_state(void);

/* Undoes what collectgarbage() of one script may have changed for the next. */
void perilune_reset_collector(lua_State *L);

#endif
