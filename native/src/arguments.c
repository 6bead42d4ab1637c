/* What a script or function is called with; see arguments.h. */
#include "arguments.h"

#include "ldo.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#include "abi.h"

/* Written to the new table directly: it is white and nothing collects before it is complete. */
void perilune_push_strings(lua_State *L, const uint32_t *table, int count) {
  Table *array = luaH_new(L, count, 0);
  sethvalue(L, L->top, array);
  incr_top(L);
  for (int i = 0; i < count; i++, table += 2) {
    TString *string = luaS_newlstr(L, perilune_io.input + table[0], table[1]);
    setsvalue(L, &array->array[i], string);
  }
}
