/*
 * What scripts and functions share: Lua functions are kept under a number and a name, and a run of one is a protected call
 * whose answer, an error included, is left as RESP in the output buffer.
 */
#ifndef PERILUNE_RUN_H
#define PERILUNE_RUN_H

#include <stddef.h>

#include "lua.h"

/* The error handler lies at the bottom of the stack; what is run lies above it. */
#define PERILUNE_HANDLER_INDEX 1

/* Prepares an interpreter that has its sandbox. */
void perilune_init_runs(lua_State *L);

/* Pops a Lua function and keeps it; `name` is what errors call it. Returns its number, above 0. */
int perilune_keep(lua_State *L, const char *name, size_t length);

/* Lets a kept function go; allocates nothing. */
void perilune_release(lua_State *L, int number);

/*
 * Calls `body`, which runs a kept function and writes its answer; 1 when that ended with an error. An error has been
 * through the error handler when it ends the call.
 */
int perilune_run_protected(lua_State *L, void (*body)(lua_State *L, void *run), void *run, int number);

/* Writes the error, of that status, of our own work around a script: nearly always that there is no memory. */
void perilune_write_outer_error(lua_State *L, int status);

#endif
