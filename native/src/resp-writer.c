/*
 * Lua values as RESP, by Valkey's rules. Nesting is followed with a list of open aggregates instead of recursion: a
 * table that contains itself ends where Valkey ends it, at the limit of Lua's stack.
 */
#include "resp-writer.h"

#include <string.h>

#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#include "alarm.h"
#include "conversions.h"
#include "numbers.h"
#include "output.h"

enum aggregate { ARRAY, MAP_KEY, MAP_VALUE, SET };

/* Every open aggregate keeps at least one slot of Lua's stack. */
#define MAX_OPEN LUAI_MAXCSTACK

static struct {
  enum aggregate kind;
  int next;
} open[MAX_OPEN];

/* Fields of tables that stand for something else than a list. */
enum field {
  FIELD_ERR,
  FIELD_OK,
  FIELD_DOUBLE,
  FIELD_BIG_NUMBER,
  FIELD_VERBATIM_STRING,
  FIELD_FORMAT,
  FIELD_STRING,
  FIELD_MAP,
  FIELD_SET,
  FIELD_COUNT
};
static const char *const field_names[FIELD_COUNT] = {
    "err", "ok", "double", "big_number", "verbatim_string", "format", "string", "map", "set",
};
/* Each table of a reply is asked for most of them: their names are found once. */
static TString *fields[FIELD_COUNT];

void perilune_init_writer(lua_State *L) {
  for (int i = 0; i < FIELD_COUNT; i++) {
    fields[i] = luaS_new(L, field_names[i]);
    luaS_fix(fields[i]);
  }
}

static void write_line(char type, long long number) {
  char *start = perilune_output_reserve(24);
  char *p = start;
  *p++ = type;
  p = perilune_put_integer(p, number);
  *p++ = '\r';
  *p++ = '\n';
  perilune_io.output_length += (uint32_t)(p - start);
}

static void write_bulk(const char *bytes, size_t length) {
  write_line('$', (long long)length);
  char *p = perilune_output_reserve((uint32_t)length + 2);
  perilune_copy(p, bytes, length);
  p[length] = '\r';
  p[length + 1] = '\n';
  perilune_io.output_length += (uint32_t)length + 2;
}

/* Text of a line; line breaks within would break the protocol. */
static void put_text(const char *text, size_t length) {
  char *p = perilune_output_reserve((uint32_t)length);
  for (size_t i = 0; i < length; i++) p[i] = text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
  perilune_io.output_length += (uint32_t)length;
}

static void write_text(char type, const char *text, size_t length) {
  perilune_output_put(&type, 1);
  put_text(text, length);
  perilune_output_literal("\r\n");
}

static void write_null(int protocol) {
  if (protocol == 2)
    perilune_output_literal("$-1\r\n");
  else
    perilune_output_literal("_\r\n");
}

/* What a boolean means depends on the protocol the script chose, how it is written on the client's. */
static void write_boolean(int value, int protocol) {
  if (perilune_io.protocol == 2) {
    if (value)
      write_line(':', 1);
    else
      write_null(protocol);
  } else if (protocol == 2) {
    write_line(':', value);
  } else if (value) {
    perilune_output_literal("#t\r\n");
  } else {
    perilune_output_literal("#f\r\n");
  }
}

static void write_double(double number, int protocol) {
  char text[32];
  int length;
  if (number > -4611686018427387904.0 && number < 4611686018427387904.0 && (double)(long long)number == number &&
      !(number == 0 && __builtin_signbit(number)))
    length = (int)(perilune_put_integer(text, (long long)number) - text);
  else
    length = host_format_double(number, text);
  if (protocol == 2)
    write_bulk(text, (size_t)length);
  else
    write_text(',', text, (size_t)length);
}

static void write_big_number(const char *digits, size_t length, int protocol) {
  if (protocol == 3) {
    write_text('(', digits, length);
    return;
  }
  write_line('$', (long long)length);
  put_text(digits, length);
  perilune_output_literal("\r\n");
}

static void write_verbatim(const char *format, const char *bytes, size_t length, int protocol) {
  if (protocol == 2) {
    write_bulk(bytes, length);
    return;
  }
  write_line('=', (long long)length + 4);
  char prefix[4] = {' ', ' ', ' ', ':'};
  for (int i = 0; i < 3 && format[i]; i++) prefix[i] = format[i];
  perilune_output_put(prefix, 4);
  perilune_output_put(bytes, (uint32_t)length);
  perilune_output_literal("\r\n");
}

static size_t without_line_breaks(const char *text, size_t length) {
  while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n')) length--;
  return length;
}

void perilune_tell_error(uint32_t start, int counted) {
  uint32_t around = 3; /* the '-' and the end of the line */
  host_error(perilune_io.output + start + 1, perilune_io.output_length - start - around, counted);
}

void perilune_begin_error(void) { perilune_output_literal("-"); }

void perilune_add_to_error(const char *text) { put_text(text, strlen(text)); }

void perilune_end_error(int counted) {
  uint32_t *length = &perilune_io.output_length;
  while (*length > 1 && perilune_io.output[*length - 1] == ' ') --*length;
  perilune_output_literal("\r\n");
  perilune_tell_error(0, counted);
}

void perilune_write_error(const char *text, size_t length) {
  perilune_output_literal("-");
  if (length > 0 && text[0] == '-') {
    text++;
    length--;
  } else {
    perilune_output_literal("ERR ");
  }
  put_text(text, without_line_breaks(text, length));
  perilune_output_literal("\r\n");
}

void perilune_write_error_of(lua_State *L, const char *what) {
  size_t length;
  lua_pushstring(L, what);
  lua_insert(L, -2);
  lua_concat(L, 2);
  const char *text = lua_tolstring(L, -1, &length);
  perilune_write_error(text, length);
}

/* Pushes the field of the table on top when it has the wanted type. */
static int has_field(lua_State *L, enum field field, int type) {
  const TValue *value = luaH_getstr(hvalue(L->top - 1), fields[field]);
  if (ttype(value) != type) return 0;
  setobj2s(L, L->top, value);
  L->top++;
  return 1;
}

int perilune_is_counted(lua_State *L) {
  lua_getfield(L, -1, "ignore_error_stats_update");
  int counted = lua_isboolean(L, -1) && lua_toboolean(L, -1);
  lua_pop(L, 1);
  return counted;
}

/* {err = ...}: the field is on top of the table. */
static void write_error_table(lua_State *L) {
  uint32_t start = perilune_io.output_length;
  const char *text = lua_tostring(L, -1);
  write_text('-', text, without_line_breaks(text, strlen(text)));
  lua_pushvalue(L, -2);
  perilune_tell_error(start, perilune_is_counted(L));
  lua_pop(L, 1);
}

/* {verbatim_string = {format = ..., string = ...}}: the inner table is on top. Leaves the stack as it is. */
static int write_verbatim_table(lua_State *L, int protocol) {
  int written = 0;
  if (has_field(L, FIELD_FORMAT, LUA_TSTRING)) {
    lua_insert(L, -2);
    if (has_field(L, FIELD_STRING, LUA_TSTRING)) {
      size_t length;
      const char *bytes = lua_tolstring(L, -1, &length);
      write_verbatim(lua_tostring(L, -3), bytes, length, protocol);
      lua_pop(L, 1);
      written = 1;
    }
    lua_remove(L, -2);
  }
  return written;
}

/* Writes a table that stands for a single value; 0 when it is an aggregate. The stack is as before. */
static int write_special(lua_State *L, int protocol) {
  size_t length;
  const char *text;
  int written = 1;
  if (has_field(L, FIELD_ERR, LUA_TSTRING)) {
    write_error_table(L);
  } else if (has_field(L, FIELD_OK, LUA_TSTRING)) {
    text = lua_tostring(L, -1);
    write_text('+', text, strlen(text));
  } else if (has_field(L, FIELD_DOUBLE, LUA_TNUMBER)) {
    write_double(lua_tonumber(L, -1), protocol);
  } else if (has_field(L, FIELD_BIG_NUMBER, LUA_TSTRING)) {
    text = lua_tolstring(L, -1, &length);
    write_big_number(text, length, protocol);
  } else if (has_field(L, FIELD_VERBATIM_STRING, LUA_TTABLE)) {
    written = write_verbatim_table(L, protocol);
  } else {
    return 0;
  }
  lua_pop(L, 1);
  return written;
}

static long long count_pairs(lua_State *L) {
  long long count = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    count++;
  }
  return count;
}

static long long count_elements(lua_State *L) {
  int count = 0;
  for (;; count++) {
    lua_rawgeti(L, -1, count + 1);
    int last = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (last) return count;
  }
}

/* Opens the aggregate on top of the stack: writes its header and notes what comes next. */
static void open_aggregate(lua_State *L, int at, int protocol) {
  open[at].next = 1;
  if (has_field(L, FIELD_MAP, LUA_TTABLE)) {
    long long pairs = count_pairs(L);
    write_line(protocol == 2 ? '*' : '%', protocol == 2 ? pairs * 2 : pairs);
    open[at].kind = MAP_KEY;
    lua_pushnil(L);
  } else if (has_field(L, FIELD_SET, LUA_TTABLE)) {
    write_line(protocol == 2 ? '*' : '~', count_pairs(L));
    open[at].kind = SET;
    lua_pushnil(L);
  } else {
    write_line('*', count_elements(L));
    open[at].kind = ARRAY;
  }
}

/*
 * Pushes the next value to write of an aggregate; 0 when there is none, with the aggregate's table on top again. While
 * a map is open its stack is: table, inner table, key, and the value until its key has been written.
 */
static int next_value(lua_State *L, int at) {
  switch (open[at].kind) {
    case ARRAY:
      lua_rawgeti(L, -1, open[at].next++);
      if (!lua_isnil(L, -1)) return 1;
      lua_pop(L, 1);
      return 0;
    case MAP_KEY:
      if (!lua_next(L, -2)) break;
      lua_pushvalue(L, -2);
      open[at].kind = MAP_VALUE;
      return 1;
    case MAP_VALUE:
      open[at].kind = MAP_KEY;
      return 1; /* the value was left on top by lua_next */
    case SET:
      if (!lua_next(L, -2)) break;
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      return 1;
  }
  lua_pop(L, 1);
  return 0;
}

/* Writes a value that is no aggregate and pops it; 0 when it is one. */
static int write_single(lua_State *L, int protocol) {
  size_t length;
  const char *text;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &length);
      write_bulk(text, length);
      break;
    case LUA_TNUMBER:
      write_line(':', perilune_to_int64(lua_tonumber(L, -1)));
      break;
    case LUA_TBOOLEAN:
      write_boolean(lua_toboolean(L, -1), protocol);
      break;
    case LUA_TTABLE:
      if (!write_special(L, protocol)) return 0;
      break;
    default:
      write_null(protocol);
  }
  lua_pop(L, 1);
  return 1;
}

void perilune_write_value(lua_State *L, int protocol) {
  int depth = 0;
  for (;;) {
    perilune_check_alarm(L); /* a small table that contains itself twice makes an endless answer */
    if (!lua_checkstack(L, 4) || depth == MAX_OPEN) {
      static const char full[] = "reached lua stack limit";
      uint32_t start = perilune_io.output_length;
      perilune_write_error(full, sizeof(full) - 1);
      perilune_tell_error(start, 0);
      lua_pop(L, 1);
    } else if (!write_single(L, protocol)) {
      open_aggregate(L, depth++, protocol);
    }
    while (depth > 0 && !next_value(L, depth - 1)) {
      lua_pop(L, 1);
      depth--;
    }
    if (depth == 0) return;
  }
}
