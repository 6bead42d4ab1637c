/* What scripts find in an interpreter, and what they may change of it: nothing. */
#ifndef PERILUNE_SANDBOX_H
#define PERILUNE_SANDBOX_H

#include "lua.h"

/* The standard libraries as scripts get them, without access to files, processes and bytecode of the host's. */
void perilune_open_libraries(lua_State *L);

/*
 * Opens the libraries, removes what scripts must not have, and adds the server's API. `insecure` keeps newproxy, getfenv
 * and setfenv.
 */
void perilune_open_sandbox(lua_State *L, int insecure);

/* Makes every table that scripts can reach read-only, and a missing global an error. */
void perilune_close_sandbox(lua_State *L);

/* Makes a missing field of the table on top of the stack an error: Valkey's for globals. */
void perilune_refuse_missing_fields(lua_State *L);

/* Makes the table on top of the stack, and every table and metatable it leads to, read-only. */
void perilune_protect(lua_State *L);

#endif
