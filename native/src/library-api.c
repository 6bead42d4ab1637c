/* What a function library finds while it is loaded; see library-api.h. */
#include "library-api.h"

#include <string.h>
#include <strings.h>

#include "errors.h"
#include "output.h"
#include "run.h"
#include "sandbox.h"
#include "server-api.h"

/* Where the arguments of register_function are gathered. */
#define ARGUMENTS_INDEX 1
#define NAME_INDEX 2
#define CALLBACK_INDEX 3
#define DESCRIPTION_INDEX 4

int perilune_loading_library;

/* The flags of scripts; src/scripting/shebang.ts has the same. */
static const struct {
  const char *name;
  uint32_t flag;
} known_flags[] = {
    {"no-writes", 1 << 0},
    {"allow-oom", 1 << 1},
    {"allow-stale", 1 << 2},
    {"no-cluster", 1 << 3},
    {"allow-cross-slot-keys", 1 << 4},
};

static uint32_t flag_of(const char *name) {
  for (size_t i = 0; i < sizeof(known_flags) / sizeof(known_flags[0]); i++) {
    if (strcasecmp(name, known_flags[i].name) == 0) return known_flags[i].flag;
  }
  return 0;
}

/* The flags in the array on top of the stack. */
static uint32_t read_flags(lua_State *L) {
  uint32_t flags = 0;
  for (int i = 1;; i++) {
    lua_pushinteger(L, i);
    lua_gettable(L, -2);
    if (lua_isnil(L, -1)) break;
    uint32_t flag = lua_isstring(L, -1) ? flag_of(lua_tostring(L, -1)) : 0;
    if (!flag) perilune_raise(L, "unknown flag given");
    flags |= flag;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return flags;
}

/* Takes the argument whose value is on top of the stack, and pops that. */
static void take_argument(lua_State *L, const char *name, uint32_t *flags) {
  if (strcasecmp(name, "function_name") == 0) {
    if (!lua_tostring(L, -1))
      perilune_raise(L, "function_name argument given to server.register_function must be a string");
    lua_replace(L, NAME_INDEX);
  } else if (strcasecmp(name, "description") == 0) {
    if (!lua_tostring(L, -1))
      perilune_raise(L, "description argument given to server.register_function must be a string");
    lua_replace(L, DESCRIPTION_INDEX);
  } else if (strcasecmp(name, "callback") == 0) {
    if (!lua_isfunction(L, -1))
      perilune_raise(L, "callback argument given to server.register_function must be a function");
    lua_replace(L, CALLBACK_INDEX);
  } else if (strcasecmp(name, "flags") == 0) {
    if (!lua_istable(L, -1))
      perilune_raise(L,
                     "flags argument to server.register_function must be a table representing function flags");
    *flags = read_flags(L);
    lua_pop(L, 1);
  } else {
    perilune_raise(L, "unknown argument given to server.register_function");
  }
}

static uint32_t read_named_arguments(lua_State *L) {
  uint32_t flags = 0;
  if (!lua_istable(L, ARGUMENTS_INDEX))
    perilune_raise(L,
                   "calling server.register_function with a single argument is only applicable to Lua table "
                   "(representing named arguments).");
  lua_settop(L, DESCRIPTION_INDEX);
  lua_pushnil(L);
  while (lua_next(L, ARGUMENTS_INDEX)) {
    if (!lua_isstring(L, -2))
      perilune_raise(L, "named argument key given to server.register_function is not a string");
    /* A number among the keys must not be made a string: the walk over the table needs it. */
    take_argument(L, lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "", &flags);
  }
  if (lua_isnil(L, NAME_INDEX))
    perilune_raise(L, "server.register_function must get a function name argument");
  if (lua_isnil(L, CALLBACK_INDEX))
    perilune_raise(L, "server.register_function must get a callback argument");
  return flags;
}

static void read_positional_arguments(lua_State *L) {
  if (!lua_tostring(L, 1))
    perilune_raise(L, "first argument to server.register_function must be a string");
  if (!lua_isfunction(L, 2))
    perilune_raise(L, "second argument to server.register_function must be a function");
  lua_pushnil(L);
  lua_insert(L, ARGUMENTS_INDEX);
  lua_settop(L, DESCRIPTION_INDEX);
}

static int register_function(lua_State *L) {
  uint32_t flags = 0;
  int count = lua_gettop(L);
  if (!perilune_loading_library)
    return perilune_raise(L, "server.register_function can only be called on FUNCTION LOAD command");
  if (count == 1)
    flags = read_named_arguments(L);
  else if (count == 2)
    read_positional_arguments(L);
  else
    return perilune_raise(L, "wrong number of arguments to server.register_function");
  size_t name_length;
  size_t description_length = PERILUNE_NO_DESCRIPTION;
  const char *name = lua_tolstring(L, NAME_INDEX, &name_length);
  const char *description = NULL;
  if (!lua_isnil(L, DESCRIPTION_INDEX)) description = lua_tolstring(L, DESCRIPTION_INDEX, &description_length);
  lua_pushvalue(L, CALLBACK_INDEX);
  struct perilune_registered record = {
      .number = (uint32_t)perilune_keep(L, name, name_length),
      .flags = flags,
      .name_length = (uint32_t)name_length,
      .description_length = (uint32_t)description_length,
  };
  perilune_output_put(&record, sizeof(record));
  perilune_output_put(name, record.name_length);
  if (description) perilune_output_put(description, record.description_length);
  return 0;
}

void perilune_forget_registered(lua_State *L) {
  struct perilune_registered record;
  for (uint32_t at = 0; at + sizeof(record) <= perilune_io.output_length;) {
    memcpy(&record, perilune_io.output + at, sizeof(record));
    perilune_release(L, (int)record.number);
    at += (uint32_t)sizeof(record) + record.name_length;
    if (record.description_length != PERILUNE_NO_DESCRIPTION) at += record.description_length;
  }
  perilune_io.output_length = 0;
}

void perilune_push_library_globals(lua_State *L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, register_function);
  lua_setfield(L, -2, "register_function");
  perilune_add_log_api(L);
  perilune_add_versions(L);
  perilune_refuse_missing_fields(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "server");
  lua_setfield(L, -2, "redis");
  perilune_refuse_missing_fields(L);
  perilune_protect(L);
}
