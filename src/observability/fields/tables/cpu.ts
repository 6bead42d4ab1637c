/** INFO's section CPU. The figures of the main thread are those of the process: Node tells no more. */
import { counter, type Field } from '../field.ts'
import type { InfoSource } from '../source.ts'

function seconds(name: string, read: (s: InfoSource) => number, metric: string, help: string): Field {
  return counter(name, read, metric, help, (s) => read(s).toFixed(6))
}

export const CPU: readonly Field[] = [
  seconds('used_cpu_sys', (s) => s.process.cpuSystem, 'cpu_sys_seconds_total', 'System CPU time'),
  seconds('used_cpu_user', (s) => s.process.cpuUser, 'cpu_user_seconds_total', 'User CPU time'),
  seconds('used_cpu_sys_children', () => 0, 'cpu_sys_children_seconds_total', 'Always 0: no children'),
  seconds('used_cpu_user_children', () => 0, 'cpu_user_children_seconds_total', 'Always 0: no children'),
  seconds(
    'used_cpu_sys_main_thread',
    (s) => s.process.cpuSystem,
    'cpu_sys_main_thread_seconds_total',
    'System CPU time',
  ),
  seconds(
    'used_cpu_user_main_thread',
    (s) => s.process.cpuUser,
    'cpu_user_main_thread_seconds_total',
    'User CPU time',
  ),
]
