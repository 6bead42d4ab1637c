/* The table scripts know as `server` and `redis`. */
#ifndef PERILUNE_SERVER_API_H
#define PERILUNE_SERVER_API_H

#include "lua.h"

/* Sets the globals. */
void perilune_open_server_api(lua_State *L);

#endif
