/**
 * What a debugging session is about to tell its user: lines, a character a byte, that go out together.
 */

/** Lines are cut to so many bytes unless the user says otherwise. */
const LENGTH_DEFAULT = 256
const HINT = "<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming."

export class Transcript {
  /** Longer values and replies are cut; 0: none. */
  private lengthMax = LENGTH_DEFAULT
  /** The user knows that it can be changed. */
  private wasHinted = false
  private lines: string[] = []

  get maxLength(): number {
    return this.lengthMax
  }

  set maxLength(bytes: number) {
    this.lengthMax = bytes
    this.wasHinted = true
  }

  add(line: string): void {
    this.lines.push(line)
  }

  /** Adds a line that may be too long to be read. */
  addCut(line: string): void {
    if (this.lengthMax === 0 || line.length <= this.lengthMax) {
      this.add(line)
      return
    }
    this.add(`${line.slice(0, this.lengthMax)} ...`)
    if (this.wasHinted) return
    this.wasHinted = true
    this.add(HINT)
  }

  /** All lines as a reply, which leaves none. */
  take(): Buffer {
    const statuses = this.lines.map((line) => `+${line.replace(/[\r\n]/g, ' ')}\r\n`)
    this.lines = []
    return Buffer.from(`*${statuses.length}\r\n${statuses.join('')}`, 'latin1')
  }
}
