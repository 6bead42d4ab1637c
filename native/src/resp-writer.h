/* Lua values as RESP. */
#ifndef PERILUNE_RESP_WRITER_H
#define PERILUNE_RESP_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "lua.h"

/* Once for an interpreter. */
void perilune_init_writer(lua_State *L);

/* Writes the value on top of the stack to the output, for a client that speaks `protocol`, and pops it. */
void perilune_write_value(lua_State *L, int protocol);

/*
 * Writes an error reply: a line break at its end is dropped and others become spaces, a text without a leading '-' gets
 * the code ERR.
 */
void perilune_write_error(const char *text, size_t length);

/* The same with the text on top of the stack, `what` before it. */
void perilune_write_error_of(lua_State *L, const char *what);

/* Tells the host of the error that the output ends with and that begins at `start`. */
void perilune_tell_error(uint32_t start, int counted);

/* An error reply in pieces: text with line breaks made spaces, and the end of the line. Allocates no Lua objects. */
void perilune_begin_error(void);
void perilune_add_to_error(const char *text);
void perilune_end_error(int counted);

/* Whether the error table on top is of a command that failed, which was counted then. */
int perilune_is_counted(lua_State *L);

#endif
