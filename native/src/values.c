/* Values between Lua and programs of the host; see values.h. */
#include "values.h"

#include <string.h>

#include "lauxlib.h"

#include "nesting.h"
#include "output.h"

static void put_tag(enum perilune_tag tag) {
  char byte = (char)tag;
  perilune_output_put(&byte, 1);
}

static void put_count(enum perilune_tag tag, uint32_t count) {
  put_tag(tag);
  perilune_output_put(&count, 4);
}

static void put(lua_State *L, int index, int depth);

static uint32_t count_pairs(lua_State *L, int index) {
  uint32_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    count++;
  }
  return count;
}

/* A table with the keys 1 to n and no others is an array. */
static void put_table(lua_State *L, int index, int depth) {
  uint32_t count = count_pairs(L, index);
  size_t length = lua_objlen(L, index);
  luaL_checkstack(L, 4, "table is nested too deeply");
  if (count > 0 && length == count) {
    put_count(TAG_ARRAY, count);
    for (uint32_t i = 1; i <= count; i++) {
      lua_rawgeti(L, index, (int)i);
      put(L, lua_gettop(L), depth + 1);
      lua_pop(L, 1);
    }
    return;
  }
  put_count(TAG_MAP, count);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    put(L, lua_gettop(L) - 1, depth + 1);
    put(L, lua_gettop(L), depth + 1);
    lua_pop(L, 1);
  }
}

/* Held for the host until it lets go. */
static void put_function(lua_State *L, int index) {
  lua_pushvalue(L, index);
  put_count(TAG_LUA_FUNCTION, (uint32_t)luaL_ref(L, LUA_REGISTRYINDEX));
}

static void put(lua_State *L, int index, int depth) {
  size_t length;
  const char *text;
  lua_Number number;
  if (depth > PERILUNE_MAX_NESTING) luaL_error(L, "table is nested too deeply");
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      put_tag(lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE);
      break;
    case LUA_TNUMBER:
      number = lua_tonumber(L, index);
      put_tag(TAG_NUMBER);
      perilune_output_put(&number, 8);
      break;
    case LUA_TSTRING:
      text = lua_tolstring(L, index, &length);
      put_count(TAG_STRING, (uint32_t)length);
      perilune_output_put(text, (uint32_t)length);
      break;
    case LUA_TTABLE:
      put_table(L, index, depth);
      break;
    case LUA_TFUNCTION:
      put_function(L, index);
      break;
    case LUA_TUSERDATA:
    case LUA_TTHREAD:
      luaL_error(L, "a %s has no meaning outside Lua", luaL_typename(L, index));
      break;
    default: /* nil, and cjson.null */
      put_tag(TAG_NIL);
  }
}

void perilune_put_value(lua_State *L, int index) { put(L, index, 0); }

/* The C function behind every function of the host's: its number is the upvalue. */
static int call_host(lua_State *L) {
  int arguments = lua_gettop(L);
  perilune_io.output_length = 0;
  for (int i = 1; i <= arguments; i++) perilune_put_value(L, i);
  int id = (int)lua_tointeger(L, lua_upvalueindex(1));
  int result = host_function(id, arguments, perilune_io.output);
  if (result == RESULT_NO_MEMORY) perilune_throw_memory_error(L);
  if (result == TAG_ERROR) {
    luaL_where(L, 1);
    lua_pushlstring(L, perilune_io.reply, perilune_io.length);
    lua_concat(L, 2);
    return lua_error(L);
  }
  perilune_get_value(L, perilune_io.reply);
  return 1;
}

static const char *get(lua_State *L, const char *p, int depth) {
  enum perilune_tag tag = (enum perilune_tag)*p++;
  uint32_t count = 0;
  lua_Number number;
  if (depth > PERILUNE_MAX_NESTING) luaL_error(L, "value is nested too deeply");
  luaL_checkstack(L, 3, "value is nested too deeply");
  if (tag == TAG_NUMBER) {
    memcpy(&number, p, 8);
    lua_pushnumber(L, number);
    return p + 8;
  }
  if (tag == TAG_NIL) {
    lua_pushnil(L);
    return p;
  }
  if (tag == TAG_TRUE || tag == TAG_FALSE) {
    lua_pushboolean(L, tag == TAG_TRUE);
    return p;
  }
  memcpy(&count, p, 4);
  p += 4;
  switch (tag) {
    case TAG_ARRAY:
      lua_createtable(L, (int)count, 0);
      for (uint32_t i = 1; i <= count; i++) {
        p = get(L, p, depth + 1);
        lua_rawseti(L, -2, (int)i);
      }
      return p;
    case TAG_MAP:
      lua_createtable(L, 0, (int)count);
      for (uint32_t i = 0; i < count; i++) {
        p = get(L, p, depth + 1);
        p = get(L, p, depth + 1);
        lua_settable(L, -3);
      }
      return p;
    case TAG_FUNCTION:
      lua_pushinteger(L, count);
      lua_pushcclosure(L, call_host, 1);
      return p;
    case TAG_LUA_FUNCTION:
      lua_rawgeti(L, LUA_REGISTRYINDEX, (int)count);
      return p;
    default:
      lua_pushlstring(L, p, count);
      return p + count;
  }
}

const char *perilune_get_value(lua_State *L, const char *p) { return get(L, p, 0); }
