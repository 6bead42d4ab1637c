/* The buffers both sides share, and their growth. */
#include "abi.h"

#include <stdlib.h>

#include "alarm.h"
#include "output.h"

#define FIRST_CAPACITY 65536

struct perilune_io perilune_io;

PERILUNE_EXPORT(io) struct perilune_io *perilune_io_address(void) { return &perilune_io; }

PERILUNE_EXPORT(alarm) volatile int *perilune_alarm_address(void) { return &perilune_alarm; }

static char *reserve(char **buffer, uint32_t *capacity, uint32_t size) {
  if (size <= *capacity) return *buffer;
  uint32_t wanted = size > *capacity * 2 ? size : *capacity * 2;
  char *grown = realloc(*buffer, wanted);
  if (!grown && wanted > size) grown = realloc(*buffer, wanted = size);
  if (!grown) return NULL;
  *buffer = grown;
  *capacity = wanted;
  return grown;
}

/* Makes room for a script or its arguments; returns the input buffer, or 0 when there is no memory. */
PERILUNE_EXPORT(reserve_input) char *perilune_reserve_input(uint32_t size) {
  return reserve(&perilune_io.input, &perilune_io.input_capacity, size);
}

/* Makes room for a reply, keeping what it holds; returns the reply buffer, or 0 when there is no memory. */
PERILUNE_EXPORT(reserve_reply) char *perilune_reserve_reply(uint32_t size) {
  return reserve(&perilune_io.reply, &perilune_io.reply_capacity, size);
}

/* Gives the memory of large buffers back once nobody reads them. */
static void shrink(char **buffer, uint32_t *capacity) {
  if (*capacity <= FIRST_CAPACITY) return;
  free(*buffer);
  *buffer = NULL;
  *capacity = 0;
  reserve(buffer, capacity, FIRST_CAPACITY);
}

PERILUNE_EXPORT(shrink_buffers) void perilune_shrink_buffers(void) {
  shrink(&perilune_io.input, &perilune_io.input_capacity);
  shrink(&perilune_io.reply, &perilune_io.reply_capacity);
  perilune_output_shrink();
}

int perilune_buffers_init(void) {
  return perilune_reserve_input(FIRST_CAPACITY) && perilune_reserve_reply(FIRST_CAPACITY) &&
         perilune_output_init();
}
