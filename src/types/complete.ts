/**
 * Fills a structure that nobody refers to yet, and gives back what was made of it where memory does not suffice for all.
 */
export function complete<T extends { free(): void }>(made: T, fill: (made: T) => void): T {
  try {
    fill(made)
    return made
  } catch (error) {
    made.free()
    throw error
  }
}
