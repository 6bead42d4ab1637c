/*
 * math.random and math.randomseed on the 48-bit linear congruential generator of lrand48(), which gives the same
 * numbers for the same seed on every machine, and the same as Valkey's.
 */
#ifndef PERILUNE_RANDOM_H
#define PERILUNE_RANDOM_H

#include <stdint.h>

#include "abi.h"
#include "lua.h"

int perilune_random(lua_State *L);
int perilune_random_seed(lua_State *L);

/* Where the sequence is, 48 bits: an interpreter that takes another's place goes on from there. */
PERILUNE_EXPORT(random_state) uint64_t *perilune_random_state_address(void);

#endif
