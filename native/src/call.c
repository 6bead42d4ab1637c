/*
 * How scripts call commands: the arguments go to the host as pointers to Lua's own strings, the answer comes back as a
 * tag and, for all but the smallest, bytes in the reply buffer. One import call a command, and no JS exception ever
 * crosses a Lua frame: errors come back as tags and are raised here.
 */
#include "call.h"

#include <string.h>

#include "lauxlib.h"

#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#include "conversions.h"
#include "errors.h"
#include "heap.h"
#include "numbers.h"
#include "reply-reader.h"

/* As many as unpack() can put on the stack, and those written out before it. */
#define MAX_ARGUMENTS (LUAI_MAXCSTACK + 256)
/* The longest number as text, with room to spare. */
#define NUMBER_LENGTH 32

static struct perilune_bytes arguments[MAX_ARGUMENTS];
static char number_texts[MAX_ARGUMENTS][NUMBER_LENGTH];
static int calling;

/*
 * Ids of command names by the address of Lua's interned string. The names are anchored in a table at the same index, so
 * an address cannot become another string's while it is here.
 */
#define CACHED_NAMES 256
static struct {
  const TString *name;
  int id;
} cached[CACHED_NAMES];
static int anchors;

static TString *ok_key;
static TString *ok_text;

void perilune_call_init(lua_State *L) {
  lua_createtable(L, CACHED_NAMES, 0);
  anchors = luaL_ref(L, LUA_REGISTRYINDEX);
  ok_key = luaS_newliteral(L, "ok");
  luaS_fix(ok_key);
  ok_text = luaS_newliteral(L, "OK");
  luaS_fix(ok_text);
}

/* Integers as digits and doubles in their shortest form: tostring() would lose precision. */
static uint32_t number_to_argument(lua_Number number, char *text) {
  if (number > -4611686018427387904.0 && number < 4611686018427387904.0) {
    long long integer = (long long)number;
    if ((lua_Number)integer == number) return (uint32_t)(perilune_put_integer(text, integer) - text);
  }
  if (number != number) { /* the sign of a NaN, which JavaScript cannot see, is printed too */
    memcpy(text, "-nan", 4);
    if (__builtin_signbit(number)) return 4;
    memcpy(text, "nan", 3);
    return 3;
  }
  return (uint32_t)host_format_double(number, text);
}

const struct perilune_bytes *perilune_arguments(lua_State *L, int *count) {
  int n = (int)(L->top - L->base);
  if (n == 0 || n > MAX_ARGUMENTS) {
    static const char none[] = "Please specify at least one argument for this call";
    perilune_push_error(L, none, sizeof(none) - 1);
    return NULL;
  }
  const TValue *value = L->base;
  for (int i = 0; i < n; i++, value++) {
    if (ttisstring(value)) {
      arguments[i].data = svalue(value);
      arguments[i].length = (uint32_t)tsvalue(value)->len;
    } else if (ttisnumber(value)) {
      arguments[i].data = number_texts[i];
      arguments[i].length = number_to_argument(nvalue(value), number_texts[i]);
    } else {
      static const char wrong[] = "Command arguments must be strings or integers";
      perilune_push_error(L, wrong, sizeof(wrong) - 1);
      return NULL;
    }
  }
  *count = n;
  return arguments;
}

static int resolve(lua_State *L, unsigned slot) {
  int id = host_resolve(arguments[0].data, arguments[0].length);
  /* A number's text lies in no Lua string. */
  if (id < 0 || !ttisstring(L->base)) return id;
  lua_rawgeti(L, LUA_REGISTRYINDEX, anchors);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, (int)slot + 1);
  lua_pop(L, 1);
  cached[slot].name = rawtsvalue(L->base);
  cached[slot].id = id;
  return id;
}

static inline int command_id(lua_State *L) {
  const TValue *name = L->base;
  if (!ttisstring(name)) return resolve(L, 0);
  unsigned slot = ((unsigned)(uintptr_t)rawtsvalue(name) >> 4) % CACHED_NAMES;
  if (__builtin_expect(cached[slot].name == rawtsvalue(name), 1)) return cached[slot].id;
  return resolve(L, slot);
}

static int push_error_reply(lua_State *L) {
  perilune_read_value(L, TAG_ERROR);
  return 1;
}

static void push_ok(lua_State *L) {
  luaC_checkGC(L);
  Table *table = luaH_new(L, 0, 1);
  sethvalue(L, L->top, table);
  incr_top(L);
  TValue *slot = luaH_setstr(L, table, ok_key);
  setsvalue(L, slot, ok_text);
}

static inline int call_command(lua_State *L, int raise) {
  int count = 0;
  const struct perilune_bytes *list = perilune_arguments(L, &count);
  if (!list) return raise ? lua_error(L) : 1;
  if (calling) {
    static const char nested[] = "recursive call of a command from a script";
    perilune_push_error(L, nested, sizeof(nested) - 1);
    return raise ? lua_error(L) : 1;
  }
  int id = command_id(L);
  calling = 1;
  int result = host_call(id, count, list);
  calling = 0;
  switch (result) {
    case RESULT_OK:
      push_ok(L);
      return 1;
    case TAG_ERROR:
      push_error_reply(L);
      return raise ? lua_error(L) : 1;
    case RESULT_NO_MEMORY:
      perilune_throw_memory_error(L);
    case RESULT_STREAM:
      perilune_read_stream(L);
      return 1;
    default:
      perilune_read_value(L, (enum perilune_tag)result);
      return 1;
  }
}

int perilune_redis_call(lua_State *L) { return call_command(L, 1); }

int perilune_redis_pcall(lua_State *L) { return call_command(L, 0); }
