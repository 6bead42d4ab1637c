/* Replies of commands as Lua values. */
#ifndef PERILUNE_REPLY_READER_H
#define PERILUNE_REPLY_READER_H

#include "lua.h"

#include "abi.h"

/* Pushes a reply that is no aggregate: a number in `number`, or the bytes of the reply buffer. */
void perilune_read_value(lua_State *L, enum perilune_tag tag);

/* Pushes the reply that the reply buffer holds as a stream: a tag, then a value, and so on. */
void perilune_read_stream(lua_State *L);

#endif
