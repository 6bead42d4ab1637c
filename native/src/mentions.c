/* See mentions.h. */
#include "mentions.h"

#include <string.h>

static const struct {
  const char *name;
  int mentions;
} names[] = {
    {"KEYS", MENTIONS_KEYS},     {"ARGV", MENTIONS_ARGV}, {"_G", MENTIONS_ALL},
    {"loadstring", MENTIONS_ALL}, {"load", MENTIONS_ALL},  {"getfenv", MENTIONS_ALL},
};

static int of_constant(const TValue *constant) {
  if (!ttisstring(constant)) return 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    size_t length = strlen(names[i].name);
    if (tsvalue(constant)->len == length && memcmp(svalue(constant), names[i].name, length) == 0)
      return names[i].mentions;
  }
  return 0;
}

int perilune_mentions(const Proto *function) {
  int found = 0;
  for (int i = 0; i < function->sizek; i++) found |= of_constant(&function->k[i]);
  for (int i = 0; i < function->sizep; i++) found |= perilune_mentions(function->p[i]);
  return found;
}
