/* What a function library finds while it is loaded: a way to register its functions, the log, and nothing else. */
#ifndef PERILUNE_LIBRARY_API_H
#define PERILUNE_LIBRARY_API_H

#include <stdint.h>

#include "lua.h"

/* Whether a library is being loaded: only then can functions be registered. */
extern int perilune_loading_library;

/* Pushes the table of globals, read-only, with `server` and `redis`. */
void perilune_push_library_globals(lua_State *L);

/*
 * The functions registered by the library that is being loaded lie in the output buffer, one record behind the other; the
 * host reads them too.
 */
struct perilune_registered {
  uint32_t number; /* as perilune_keep answered */
  uint32_t flags;
  uint32_t name_length;
  uint32_t description_length; /* PERILUNE_NO_DESCRIPTION: there is none */
                               /* the name and the description follow */
};

#define PERILUNE_NO_DESCRIPTION UINT32_MAX

/* Lets all registered functions go. */
void perilune_forget_registered(lua_State *L);

#endif
