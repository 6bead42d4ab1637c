/** Processor time of the process in seconds, what os.clock() answers; wall clock time where there is no process. */
const isProcess = typeof process !== 'undefined' && typeof process.cpuUsage === 'function'

export function processorSeconds(): number {
  if (!isProcess) return performance.now() / 1000
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
