/* See debug-values.h. */
#include "debug-values.h"

#include <stdio.h>
#include <string.h>

#include "lauxlib.h"

#include "output.h"

/* Tables in tables; deeper ones, which may contain themselves, are not shown. */
#define MAX_DEPTH (LUA_MINSTACK / 2)

static void put_string(const char *text) { perilune_output_put(text, (uint32_t)strlen(text)); }

/* As Valkey 8.1 does, which leaves quotes and backslashes as they are. */
static int is_plain(unsigned char c) { return c >= ' ' && c < 127; }

static void put_escaped(unsigned char c) {
  static const char special[] = "\n\r\t\a\b";
  static const char letters[] = "nrtab";
  const char *found = c ? strchr(special, c) : NULL;
  char text[5];
  if (found)
    snprintf(text, sizeof(text), "\\%c", letters[found - special]);
  else
    snprintf(text, sizeof(text), "\\x%02x", c);
  put_string(text);
}

static void put_quoted(const char *bytes, size_t length) {
  const char *end = bytes + length;
  perilune_output_literal("\"");
  while (bytes < end) {
    const char *start = bytes;
    while (bytes < end && is_plain((unsigned char)*bytes)) bytes++;
    perilune_output_put(start, (uint32_t)(bytes - start));
    if (bytes < end) put_escaped((unsigned char)*bytes++);
  }
  perilune_output_literal("\"");
}

static void put_number(lua_Number number) {
  char text[32];
  perilune_output_put(text, (uint32_t)snprintf(text, sizeof(text), "%g", number));
}

/* What has no value to show: what it is, and where. */
static void put_address(lua_State *L, int index) {
  static const char *const names[] = {
      [LUA_TLIGHTUSERDATA] = "light-userdata",
      [LUA_TFUNCTION] = "function",
      [LUA_TUSERDATA] = "userdata",
      [LUA_TTHREAD] = "thread",
  };
  char address[24] = "(nil)";
  const void *pointer = lua_topointer(L, index);
  if (pointer) snprintf(address, sizeof(address), "0x%zx", (size_t)pointer);
  perilune_output_literal("\"");
  put_string(names[lua_type(L, index)]);
  perilune_output_literal("@");
  put_string(address);
  perilune_output_literal("\"");
}

/* Whether the keys, in the order of the table, are 1, 2, 3 ... */
static int is_array(lua_State *L, int index) {
  lua_Number expected = 1;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TNUMBER || lua_tonumber(L, -1) != expected++) {
      lua_pop(L, 1);
      return 0;
    }
  }
  return 1;
}

static void describe(lua_State *L, int index, int depth);

static void put_table(lua_State *L, int index, int depth) {
  luaL_checkstack(L, 4, "table is nested too deeply");
  int with_keys = !is_array(L, index);
  const char *separator = "";
  perilune_output_literal("{");
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int value = lua_gettop(L);
    put_string(separator);
    separator = "; ";
    if (with_keys) {
      perilune_output_literal("[");
      describe(L, value - 1, depth);
      perilune_output_literal("]=");
    }
    describe(L, value, depth);
    lua_pop(L, 1);
  }
  perilune_output_literal("}");
}

static void describe(lua_State *L, int index, int depth) {
  size_t length;
  const char *text;
  if (depth == MAX_DEPTH) {
    perilune_output_literal("<max recursion level reached! Nested table?>");
    return;
  }
  switch (lua_type(L, index)) {
    case LUA_TSTRING:
      text = lua_tolstring(L, index, &length);
      put_quoted(text, length);
      break;
    case LUA_TBOOLEAN:
      put_string(lua_toboolean(L, index) ? "true" : "false");
      break;
    case LUA_TNUMBER:
      put_number(lua_tonumber(L, index));
      break;
    case LUA_TNIL:
      perilune_output_literal("nil");
      break;
    case LUA_TTABLE:
      put_table(L, index, depth + 1);
      break;
    default:
      put_address(L, index);
  }
}

void perilune_describe_value(lua_State *L, int index) { describe(L, index, 0); }
