/* The sandbox; see sandbox.h. */
#include "sandbox.h"

#include "lauxlib.h"
#include "lualib.h"

#include "abi.h"
#include "errors.h"
#include "random.h"
#include "server-api.h"

int luaopen_cjson(lua_State *L);
int luaopen_struct(lua_State *L);
int luaopen_cmsgpack(lua_State *L);
int luaopen_bit(lua_State *L);

/* They read files or write to the server's output. */
static const char *const removed[] = {"dofile", "loadfile", "print", "debug"};

/* They reach into other functions' environments, or make objects whose finalizers run at any time. */
static const char *const insecure_functions[] = {"newproxy", "getfenv", "setfenv"};

static void open_library(lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

static int os_clock(lua_State *L) {
  lua_pushnumber(L, host_clock());
  return 1;
}

static const luaL_Reg os_functions[] = {{"clock", os_clock}, {NULL, NULL}};

void perilune_open_libraries(lua_State *L) {
  open_library(L, "", luaopen_base);
  open_library(L, LUA_TABLIBNAME, luaopen_table);
  open_library(L, LUA_STRLIBNAME, luaopen_string);
  open_library(L, LUA_MATHLIBNAME, luaopen_math);
  luaL_register(L, LUA_OSLIBNAME, os_functions);
  open_library(L, "cjson", luaopen_cjson);
  open_library(L, "struct", luaopen_struct);
  open_library(L, "cmsgpack", luaopen_cmsgpack);
  open_library(L, "bit", luaopen_bit);
  lua_settop(L, 0);
}

static void remove_globals(lua_State *L, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    lua_pushnil(L);
    lua_setglobal(L, names[i]);
  }
}

/* __index of tables in which a missing field is an error. */
static int missing_field(lua_State *L) {
  if (lua_gettop(L) != 2) return luaL_error(L, "Wrong number of arguments to luaProtectedTableError");
  if (!lua_isstring(L, -1))
    return luaL_error(L, "Second argument to luaProtectedTableError must be a string or number");
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", lua_tostring(L, -1));
}

void perilune_refuse_missing_fields(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, missing_field);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

void perilune_protect(lua_State *L) {
  if (lua_isreadonlytable(L, -1)) return; /* also where tables refer to each other */
  lua_enablereadonlytable(L, -1, 1);
  lua_checkstack(L, 4);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_istable(L, -1)) perilune_protect(L);
    lua_pop(L, 1);
  }
  if (lua_getmetatable(L, -1)) {
    perilune_protect(L);
    lua_pop(L, 1);
  }
}

/* Strings share one metatable, which all scripts can reach; other basic types have none, and none can be set. */
static void protect_metatable_of_strings(lua_State *L) {
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1)) {
    perilune_protect(L);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void replace_functions(lua_State *L) {
  lua_pushcfunction(L, perilune_pcall);
  lua_setglobal(L, "pcall");
  lua_getglobal(L, LUA_MATHLIBNAME);
  lua_pushcfunction(L, perilune_random);
  lua_setfield(L, -2, "random");
  lua_pushcfunction(L, perilune_random_seed);
  lua_setfield(L, -2, "randomseed");
  lua_pop(L, 1);
}

void perilune_open_sandbox(lua_State *L, int insecure) {
  lua_settop(L, 0);
  perilune_open_libraries(L);
  remove_globals(L, removed, sizeof(removed) / sizeof(removed[0]));
  if (!insecure)
    remove_globals(L, insecure_functions, sizeof(insecure_functions) / sizeof(insecure_functions[0]));
  replace_functions(L);
  perilune_open_server_api(L);
}

void perilune_close_sandbox(lua_State *L) {
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  perilune_refuse_missing_fields(L);
  perilune_protect(L);
  lua_pop(L, 1);
  protect_metatable_of_strings(L);
}
