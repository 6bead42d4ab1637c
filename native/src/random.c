/* Random numbers of scripts; see random.h. */
#include "random.h"

#include <math.h>
#include <stdint.h>

#include "lauxlib.h"

#define MULTIPLIER 0x5deece66dULL
#define INCREMENT 0xbULL
#define MASK 0xffffffffffffULL
#define LOW_OF_SEED 0x330eULL
#define MAXIMUM 2147483647

/* The state drand48() starts in when it was never seeded. */
static uint64_t state = 0x1234abcd330eULL;

uint64_t *perilune_random_state_address(void) { return &state; }

static int32_t next(void) {
  state = (state * MULTIPLIER + INCREMENT) & MASK;
  return (int32_t)(state >> 17);
}

int perilune_random(lua_State *L) {
  lua_Number r = (lua_Number)(next() % MAXIMUM) / (lua_Number)MAXIMUM;
  int low = 1;
  int high;
  switch (lua_gettop(L)) {
    case 0:
      lua_pushnumber(L, r);
      return 1;
    case 1:
      high = luaL_checkint(L, 1);
      luaL_argcheck(L, 1 <= high, 1, "interval is empty");
      lua_pushnumber(L, floor(r * high) + 1);
      return 1;
    case 2:
      low = luaL_checkint(L, 1);
      high = luaL_checkint(L, 2);
      luaL_argcheck(L, low <= high, 2, "interval is empty");
      /* The width wraps as a 32-bit integer, as it does where Valkey computes it. */
      lua_pushnumber(L, floor(r * (int32_t)((uint32_t)high - (uint32_t)low + 1u)) + low);
      return 1;
    default:
      return luaL_error(L, "wrong number of arguments");
  }
}

int perilune_random_seed(lua_State *L) {
  state = (uint64_t)(uint32_t)luaL_checkint(L, 1) << 16 | LOW_OF_SEED;
  return 0;
}
