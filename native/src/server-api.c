/* What scripts and functions find of the server; see server-api.h. call.c has call and pcall. */
#include "server-api.h"

#include <string.h>

#include "lauxlib.h"

#include "call.h"
#include "conversions.h"
#include "debugger.h"
#include "errors.h"
#include "sha1.h"

#define REDIS_VERSION "7.2.4"
#define REDIS_VERSION_NUMBER 0x00070204
#define VALKEY_VERSION "8.1.1"
#define VALKEY_VERSION_NUMBER 0x00080101

#define LOG_DEBUG 0
#define LOG_VERBOSE 1
#define LOG_NOTICE 2
#define LOG_WARNING 3

#define REPL_NONE 0
#define REPL_AOF 1
#define REPL_REPLICA 2
#define REPL_ALL (REPL_AOF | REPL_REPLICA)

static int error_reply(lua_State *L) {
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
    static const char wrong[] = "wrong number or type of arguments";
    perilune_push_error(L, wrong, sizeof(wrong) - 1);
    return 1;
  }
  if (lua_tostring(L, 1)[0] != '-') {
    lua_pushliteral(L, "-");
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  size_t length;
  const char *text = lua_tolstring(L, 1, &length);
  perilune_push_error(L, text, length);
  return 1;
}

static int status_reply(lua_State *L) {
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
    static const char wrong[] = "wrong number or type of arguments";
    perilune_push_error(L, wrong, sizeof(wrong) - 1);
    return 1;
  }
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "ok");
  return 1;
}

static int sha1hex(lua_State *L) {
  if (lua_gettop(L) != 1) return perilune_raise(L, "wrong number of arguments");
  size_t length = 0;
  const char *bytes = lua_tolstring(L, 1, &length);
  char hex[40];
  perilune_sha1_hex(bytes, bytes ? length : 0, hex);
  lua_pushlstring(L, hex, sizeof(hex));
  return 1;
}

static int log_message(lua_State *L) {
  int count = lua_gettop(L);
  if (count < 2) return perilune_raise(L, "server.log() requires two arguments or more.");
  if (!lua_isnumber(L, 1)) return perilune_raise(L, "First argument must be a number (log level).");
  int level = perilune_to_int32(lua_tonumber(L, 1));
  if (level < LOG_DEBUG || level > LOG_WARNING) return perilune_raise(L, "Invalid log level.");
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (int i = 2; i <= count; i++) {
    if (!lua_isstring(L, i)) continue;
    if (i > 2) luaL_addchar(&text, ' ');
    lua_pushvalue(L, i);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  host_log(level, bytes, (uint32_t)length);
  return 0;
}

static int set_protocol(lua_State *L) {
  if (lua_gettop(L) != 1) return perilune_raise(L, "server.setresp() requires one argument.");
  int protocol = perilune_to_int32(lua_tonumber(L, 1));
  if (protocol != 2 && protocol != 3) return perilune_raise(L, "RESP version must be 2 or 3.");
  perilune_io.protocol = (uint32_t)protocol;
  return 0;
}

static int set_repl(lua_State *L) {
  if (lua_gettop(L) != 1) return perilune_raise(L, "server.set_repl() requires one argument.");
  int flags = perilune_to_int32(lua_tonumber(L, 1));
  if ((flags & ~REPL_ALL) != 0)
    return perilune_raise(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  host_set_repl(flags);
  return 0;
}

static int acl_check_cmd(lua_State *L) {
  int count = 0;
  const struct perilune_bytes *arguments = perilune_arguments(L, &count);
  if (!arguments) return lua_error(L);
  int allowed = host_acl_check(count, arguments);
  if (allowed < 0) return perilune_raise(L, "Invalid command passed to server.acl_check_cmd()");
  lua_pushboolean(L, allowed);
  return 1;
}

struct number {
  const char *name;
  int value;
};

static void add_numbers(lua_State *L, const struct number *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, numbers[i].value);
    lua_setfield(L, -2, numbers[i].name);
  }
}

#define ADD_NUMBERS(L, numbers) add_numbers(L, numbers, sizeof(numbers) / sizeof((numbers)[0]))

void perilune_add_log_api(lua_State *L) {
  static const struct number levels[] = {
      {"LOG_DEBUG", LOG_DEBUG},
      {"LOG_VERBOSE", LOG_VERBOSE},
      {"LOG_NOTICE", LOG_NOTICE},
      {"LOG_WARNING", LOG_WARNING},
  };
  lua_pushcfunction(L, log_message);
  lua_setfield(L, -2, "log");
  ADD_NUMBERS(L, levels);
}

void perilune_add_versions(lua_State *L) {
  lua_pushinteger(L, REDIS_VERSION_NUMBER);
  lua_setfield(L, -2, "REDIS_VERSION_NUM");
  lua_pushliteral(L, REDIS_VERSION);
  lua_setfield(L, -2, "REDIS_VERSION");
  lua_pushinteger(L, VALKEY_VERSION_NUMBER);
  lua_setfield(L, -2, "VALKEY_VERSION_NUM");
  lua_pushliteral(L, VALKEY_VERSION);
  lua_setfield(L, -2, "VALKEY_VERSION");
  lua_pushliteral(L, "valkey");
  lua_setfield(L, -2, "SERVER_NAME");
}

static const luaL_Reg calls[] = {{"call", perilune_redis_call}, {"pcall", perilune_redis_pcall}, {NULL, NULL}};

static const luaL_Reg replies[] = {
    {"setresp", set_protocol},
    {"sha1hex", sha1hex},
    {"error_reply", error_reply},
    {"status_reply", status_reply},
    {"set_repl", set_repl},
    {NULL, NULL},
};

static const struct number targets[] = {
    {"REPL_NONE", REPL_NONE},       {"REPL_AOF", REPL_AOF}, {"REPL_SLAVE", REPL_REPLICA},
    {"REPL_REPLICA", REPL_REPLICA}, {"REPL_ALL", REPL_ALL},
};

/* In Valkey's order, which decides the order in which pairs() visits the table. */
void perilune_open_server_api(lua_State *L) {
  lua_newtable(L);
  luaL_register(L, NULL, calls);
  perilune_add_log_api(L);
  perilune_add_versions(L);
  luaL_register(L, NULL, replies);
  ADD_NUMBERS(L, targets);
  lua_pushcfunction(L, acl_check_cmd);
  lua_setfield(L, -2, "acl_check_cmd");
  lua_pushvalue(L, -1);
  lua_setglobal(L, "server");
  lua_setglobal(L, "redis");
  perilune_call_init(L);
}

/* Every command of a script is replicated by itself; the function is there for scripts that ask for it. */
static int replicate_commands(lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

void perilune_open_script_api(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"breakpoint", perilune_breakpoint},
      {"debug", perilune_debug_message},
      {"replicate_commands", replicate_commands},
      {NULL, NULL},
  };
  lua_getglobal(L, "server");
  luaL_register(L, NULL, functions);
  lua_pop(L, 1);
  lua_pushcfunction(L, perilune_error_handler);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "__server__err__handler");
  lua_setglobal(L, "__redis__err__handler");
}
