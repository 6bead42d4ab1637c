/*
 * The alarm: one word of linear memory that another thread may set while a script runs. The interpreter tests it before
 * every instruction and in every C loop that can run for long, and asks the host what to do when it is set.
 */
#ifndef PERILUNE_ALARM_H
#define PERILUNE_ALARM_H

struct lua_State;

extern volatile int perilune_alarm;

/* Asks the host; raises the error the host answers with, or returns. */
void perilune_poll(struct lua_State *L);

#define perilune_check_alarm(L)                                  \
  do {                                                           \
    if (__builtin_expect(perilune_alarm, 0)) perilune_poll(L);   \
  } while (0)

#endif
