/**
 * Work to be done when this turn of the event loop is over, once, however often it is asked for until then.
 */
export function soon(work: () => void): () => void {
  let isDue = false
  const run = () => {
    isDue = false
    work()
  }
  return () => {
    if (!isDue) setImmediate(run)
    isDue = true
  }
}
