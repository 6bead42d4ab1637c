/*
 * Functions of the interpreter's core that are worth inlining everywhere (6% of the time of typical scripts). The
 * attribute on a declaration is enough, as the whole program is optimised at link time.
 */
#ifndef PERILUNE_INLINE_H
#define PERILUNE_INLINE_H

#include "lua.h"

#include "ldo.h"
#include "lmem.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

#define PERILUNE_INLINE __attribute__((always_inline))

PERILUNE_INLINE int luaD_precall(lua_State *L, StkId func, int nresults);
PERILUNE_INLINE int luaD_poscall(lua_State *L, StkId firstResult);
PERILUNE_INLINE const TValue *luaH_getstr(Table *t, TString *key);
PERILUNE_INLINE const TValue *luaH_getnum(Table *t, int key);
PERILUNE_INLINE const TValue *luaH_get(Table *t, const TValue *key);
PERILUNE_INLINE void *luaM_realloc_(lua_State *L, void *block, size_t oldsize, size_t size);

#endif
