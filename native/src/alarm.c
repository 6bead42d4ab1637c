/* What happens when the alarm is set; see alarm.h. */
#include "alarm.h"

#include "lua.h"

#include "abi.h"
#include "debugger.h"
#include "errors.h"

volatile int perilune_alarm;

void perilune_poll(lua_State *L) {
  int must_end = perilune_debugger.active ? perilune_debugger_poll() : host_poll();
  if (!must_end) return;
  perilune_push_error_reply(L, perilune_io.reply, perilune_io.length);
  lua_error(L);
}
