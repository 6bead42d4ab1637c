/* The table that scripts and functions know as `server` and `redis`. */
#ifndef PERILUNE_SERVER_API_H
#define PERILUNE_SERVER_API_H

#include "lua.h"

/* Sets the globals `server` and `redis`. */
void perilune_open_server_api(lua_State *L);

/* Adds what only scripts of EVAL have: the debugger's functions, and the error handler as a global. */
void perilune_open_script_api(lua_State *L);

/* Parts of the table, for one that has less: they add their fields to the table on top of the stack. */
void perilune_add_log_api(lua_State *L);
void perilune_add_versions(lua_State *L);

#endif
