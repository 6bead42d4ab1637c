/**
 * Denials in Valkey's words.
 */
import type { CommandTraits } from '../commands/traits.ts'
import type { Bytes } from '../memory/bytes.ts'
import type { Denial } from './permission.ts'
import type { User } from './user.ts'

/** With the name of the key or channel, for who asks on behalf of others. */
export function denialText({ reason }: Denial, user: User, command: CommandTraits, object: Bytes): string {
  if (reason === 'command') return commandDenied(user.name, command)
  return `User ${user.name} has no permissions to access the '${object.latin1()}' ${reason}`
}

/** Without it, for the user itself; as an error reply has it. */
export function briefDenialText({ reason }: Denial, user: User, command: CommandTraits): string {
  return reason === 'command' ? commandDenied(user.name, command) : `No permissions to access a ${reason}`
}

const CHANGED = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments',
} as const

/** Of a command that could be queued and now cannot be run. */
export function changedText({ reason }: Denial): string {
  return (
    'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. ' +
    `This command is no longer allowed for the following reason: ${CHANGED[reason]}`
  )
}

function commandDenied(user: string, command: CommandTraits): string {
  return `User ${user} has no permissions to run the '${command.name}' command`
}
