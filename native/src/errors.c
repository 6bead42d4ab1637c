/* Errors of scripts; see errors.h. */
#include "errors.h"

#include <string.h>

#include "debugger.h"

static int is_line_break(char c) { return c == '\r' || c == '\n'; }

void perilune_push_error_reply(lua_State *L, const char *text, size_t length) {
  const char *nul = memchr(text, 0, length); /* Valkey's texts end at the first zero byte */
  if (nul) length = (size_t)(nul - text);
  /* The code stays; only the text behind it is trimmed. */
  const char *space = memchr(text, ' ', length);
  const char *message = space ? space + 1 : text;
  const char *start = message;
  const char *end = text + length;
  while (start < end && is_line_break(*start)) start++;
  while (end > start && is_line_break(end[-1])) end--;
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "err");
  if (space)
    lua_pushlstring(L, text, (size_t)(message - text));
  else
    lua_pushliteral(L, "ERR ");
  lua_pushlstring(L, start, (size_t)(end - start));
  lua_concat(L, 2);
  lua_rawset(L, -3);
}

void perilune_push_error(lua_State *L, const char *text, size_t length) {
  perilune_debug_error(text, length);
  if (length > 0 && text[0] == '-') {
    perilune_push_error_reply(L, text + 1, length - 1);
    return;
  }
  lua_pushliteral(L, "ERR ");
  lua_pushlstring(L, text, length);
  lua_concat(L, 2);
  const char *coded = lua_tolstring(L, -1, &length);
  perilune_push_error_reply(L, coded, length);
  lua_remove(L, -2);
}

int perilune_raise(lua_State *L, const char *text) {
  perilune_push_error(L, text, strlen(text));
  return lua_error(L);
}

int perilune_error_handler(lua_State *L) {
  lua_Debug place;
  lua_settop(L, 1);
  /* Level 1 raised the error; when that is a C function, whoever called it is the place to report. */
  int known = lua_getstack(L, 1, &place) && lua_getinfo(L, "Sl", &place);
  if (known && strcmp(place.what, "C") == 0) known = lua_getstack(L, 2, &place) && lua_getinfo(L, "Sl", &place);
  if (lua_istable(L, 1) && lua_isreadonlytable(L, 1)) {
    /* Valkey's handler is a Lua function and fails here, with its own place. */
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "ERR err_handler_def:10: Attempt to modify a readonly table");
    lua_setfield(L, -2, "err");
    lua_pushliteral(L, "@err_handler_def");
    lua_setfield(L, -2, "source");
    lua_pushinteger(L, 10);
    lua_setfield(L, -2, "line");
    return 1;
  }
  if (!lua_istable(L, 1)) {
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "ERR ");
    lua_getglobal(L, "tostring");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_concat(L, 2);
    lua_setfield(L, -2, "err");
    lua_replace(L, 1);
  }
  if (known) {
    lua_pushstring(L, place.source);
    lua_setfield(L, 1, "source");
    lua_pushinteger(L, place.currentline);
    lua_setfield(L, 1, "line");
  }
  return 1;
}

int perilune_pcall(lua_State *L) {
  /* Without any argument Valkey's pcall calls its own first result. */
  if (lua_gettop(L) == 0) lua_pushboolean(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  if (status != 0 && lua_istable(L, -1)) {
    lua_getfield(L, -1, "err");
    /* Valkey leaves the field on the stack when it is no text: pcall then answers it as a third value. */
    if (lua_isstring(L, -1)) lua_replace(L, -2);
  }
  lua_pushboolean(L, status == 0);
  lua_insert(L, 1);
  return lua_gettop(L);
}
