/**
 * What the guardian's thread reads of the engine's sockets, and what it is to read instead. It keeps its sockets while it
 * sleeps: to register thousands of them anew for each late script would take tens of milliseconds, to tell what has changed
 * takes one.
 */
import type { NumberedDescriptor } from '../tcp.ts'
import type { Changes, ReadOrder } from './protocol.ts'

/** Instead of a serial number. */
const NOT_READ = 0

interface Loan {
  readonly fd: number
  isUnix: boolean
  /** Serial number of the socket that the thread reads at this descriptor, as it was told and has told. */
  read: number
  /** And of the one that it is to read. */
  wanted: number
  /** The last of this descriptor. */
  order: number
}

export class Loans {
  private readonly loans = new Map<number, Loan>()
  /** Those that may have changed. */
  private readonly touched = new Set<Loan>()
  private lastOrder = 0

  /** The thread is to read nothing but what is asked for from now on. */
  reset(): void {
    for (const loan of this.loans.values()) {
      loan.wanted = NOT_READ
      this.touched.add(loan)
    }
  }

  read({ fd, isUnix, serial }: NumberedDescriptor): void {
    let loan = this.loans.get(fd)
    if (loan === undefined) {
      loan = { fd, isUnix, read: NOT_READ, wanted: serial, order: 0 }
      this.loans.set(fd, loan)
    }
    loan.isUnix = isUnix
    loan.wanted = serial
    this.touched.add(loan)
  }

  pause(fd: number): void {
    const loan = this.loans.get(fd)
    if (loan === undefined) return
    loan.wanted = NOT_READ
    this.touched.add(loan)
  }

  /** The thread has told something of a socket, and stopped reading it. It may have been told to read it again meanwhile. */
  told(fd: number, order: number): void {
    if (this.loans.get(fd)?.order === order) this.forgotten(fd)
  }

  /** The thread does not read this descriptor. */
  forgotten(fd: number): void {
    const loan = this.loans.get(fd)
    if (loan !== undefined) loan.read = loan.wanted = NOT_READ
  }

  /** What the thread is to be told: from then on it counts as told. */
  takeChanges(): Changes {
    const read: ReadOrder[] = []
    const pause: number[] = []
    for (const loan of this.touched) {
      const { fd, isUnix, wanted } = loan
      if (wanted === loan.read) continue
      loan.read = wanted
      if (wanted === NOT_READ) pause.push(fd)
      else {
        loan.order = ++this.lastOrder
        read.push({ fd, isUnix, order: loan.order })
      }
    }
    this.touched.clear()
    return { read, pause }
  }
}
