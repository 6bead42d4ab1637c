/* What scripts find in an interpreter, and what they may change of it: nothing. */
#ifndef PERILUNE_SANDBOX_H
#define PERILUNE_SANDBOX_H

#include "lua.h"

/* The standard libraries as scripts get them, without access to files, processes and bytecode of the host's. */
void perilune_open_libraries(lua_State *L);

/*
 * Makes a sandbox of an interpreter with the libraries: removes what scripts must not have, adds the server's API, and
 * makes every table they can reach read-only. `insecure` keeps newproxy, getfenv and setfenv.
 */
void perilune_close_sandbox(lua_State *L, int insecure);

#endif
