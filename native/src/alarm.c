/* What happens when the alarm is set; see alarm.h. */
#include "alarm.h"

#include "lua.h"

#include "abi.h"
#include "errors.h"

volatile int perilune_alarm;

void perilune_poll(lua_State *L) {
  if (!host_poll()) return;
  perilune_push_error_reply(L, perilune_io.reply, perilune_io.length);
  lua_error(L);
}

void perilune_poll_quietly(void) { host_poll(); }
