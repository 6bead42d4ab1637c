/* Errors of scripts: tables {err = 'CODE text'}, as Valkey makes them. */
#ifndef PERILUNE_ERRORS_H
#define PERILUNE_ERRORS_H

#include <stddef.h>

#include "lua.h"

/*
 * Pushes the table of an error. "-CODE text" has its code, anything else gets ERR; line breaks at the end are dropped.
 */
void perilune_push_error(lua_State *L, const char *text, size_t length);

/* The same for a text that begins with its code, as replies do, without the '-'. */
void perilune_push_error_reply(lua_State *L, const char *text, size_t length);

/* Raises the error of a literal. */
int perilune_raise(lua_State *L, const char *text);

/* The handler every script runs under: adds the place to an error, and makes a table of one that is none. */
int perilune_error_handler(lua_State *L);

/* pcall as Valkey has it: an error that is a table with a text in `err` is answered as that text. */
int perilune_pcall(lua_State *L);

#endif
