/*
 * Replies of commands as Lua values.
 *
 * A stream is a tag (one byte) and what belongs to it: a number or double has 8 bytes, a string, status, error or big
 * number has its length (4 bytes) and bytes, of which the first three of a verbatim string are its format; an array, a set or
 * a map has its count (4 bytes; of pairs for a map) and then its values. Numbers are little-endian and not aligned.
 */
#include "reply-reader.h"

#include <string.h>

#include "lauxlib.h"

#include "errors.h"
#include "nesting.h"

static void push_field(lua_State *L, const char *name, const char *bytes, uint32_t length) {
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, bytes, length);
  lua_setfield(L, -2, name);
}

static void push_error(lua_State *L, const char *text, uint32_t length) {
  perilune_push_error_reply(L, text, length);
  /* The command counted it; the script that ends with it must not count it again. */
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ignore_error_stats_update");
}

static void push_verbatim(lua_State *L, const char *format, const char *bytes, uint32_t length) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, 2);
  lua_pushlstring(L, bytes, length);
  lua_setfield(L, -2, "string");
  lua_pushlstring(L, format, 3);
  lua_setfield(L, -2, "format");
  lua_setfield(L, -2, "verbatim_string");
}

static void push_bytes(lua_State *L, enum perilune_tag tag, const char *bytes, uint32_t length) {
  switch (tag) {
    case TAG_STATUS:
      push_field(L, "ok", bytes, length);
      break;
    case TAG_ERROR:
      push_error(L, bytes, length);
      break;
    case TAG_BIG_NUMBER:
      push_field(L, "big_number", bytes, length);
      break;
    case TAG_VERBATIM:
      push_verbatim(L, bytes, bytes + 3, length - 3);
      break;
    default:
      lua_pushlstring(L, bytes, length);
  }
}

static void push_number(lua_State *L, enum perilune_tag tag, lua_Number number) {
  if (tag == TAG_NUMBER) {
    lua_pushnumber(L, number);
    return;
  }
  lua_createtable(L, 0, 1);
  lua_pushnumber(L, number);
  lua_setfield(L, -2, "double");
}

void perilune_read_value(lua_State *L, enum perilune_tag tag) {
  switch (tag) {
    case TAG_FALSE:
    case TAG_TRUE:
      lua_pushboolean(L, tag == TAG_TRUE);
      break;
    case TAG_NIL:
      lua_pushnil(L);
      break;
    case TAG_NUMBER:
    case TAG_DOUBLE:
      push_number(L, tag, perilune_io.number);
      break;
    default:
      push_bytes(L, tag, perilune_io.reply, perilune_io.length);
  }
}

static const char *read_count(const char *p, uint32_t *count) {
  memcpy(count, p, 4);
  return p + 4;
}

static const char *read(lua_State *L, const char *p, int depth);

static const char *read_array(lua_State *L, const char *p, uint32_t count, int depth) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    p = read(L, p, depth);
    lua_rawseti(L, -2, (int)i);
  }
  return p;
}

static const char *read_map(lua_State *L, const char *p, uint32_t count, int depth) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, (int)count);
  for (uint32_t i = 0; i < count; i++) {
    p = read(L, p, depth);
    p = read(L, p, depth);
    lua_settable(L, -3); /* raises an error for a null key, which rawset would not */
  }
  lua_setfield(L, -2, "map");
  return p;
}

static const char *read_set(lua_State *L, const char *p, uint32_t count, int depth) {
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, (int)count);
  for (uint32_t i = 0; i < count; i++) {
    p = read(L, p, depth);
    lua_pushboolean(L, 1);
    lua_settable(L, -3);
  }
  lua_setfield(L, -2, "set");
  return p;
}

static const char *read(lua_State *L, const char *p, int depth) {
  enum perilune_tag tag = (enum perilune_tag)*p++;
  uint32_t count;
  lua_Number number;
  if (depth > PERILUNE_MAX_NESTING) luaL_error(L, "reply of a command is nested too deeply");
  luaL_checkstack(L, 6, "reply of a command is nested too deeply");
  switch (tag) {
    case TAG_FALSE:
    case TAG_TRUE:
    case TAG_NIL:
      perilune_read_value(L, tag);
      return p;
    case TAG_NUMBER:
    case TAG_DOUBLE:
      memcpy(&number, p, 8);
      push_number(L, tag, number);
      return p + 8;
    case TAG_ARRAY:
      p = read_count(p, &count);
      return read_array(L, p, count, depth + 1);
    case TAG_MAP:
      p = read_count(p, &count);
      return read_map(L, p, count, depth + 1);
    case TAG_SET:
      p = read_count(p, &count);
      return read_set(L, p, count, depth + 1);
    default:
      p = read_count(p, &count);
      push_bytes(L, tag, p, count);
      return p + count;
  }
}

void perilune_read_stream(lua_State *L) { read(L, perilune_io.reply, 0); }
