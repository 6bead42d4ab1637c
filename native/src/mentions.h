/* Which of the globals KEYS and ARGV a script can reach at all: those that it cannot need not be made for each run. */
#ifndef PERILUNE_MENTIONS_H
#define PERILUNE_MENTIONS_H

#include "lobject.h"

#define MENTIONS_KEYS 1
#define MENTIONS_ARGV 2
#define MENTIONS_ALL (MENTIONS_KEYS | MENTIONS_ARGV)

/*
 * A script reaches a global by its name, which is then among the constants of one of its functions, or by way of the
 * table of globals or of text that it compiles: who mentions one of those may reach everything.
 */
int perilune_mentions(const Proto *function);

#endif
