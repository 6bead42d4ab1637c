/** All topics of the differential test. */
import type { Topic } from './case.ts'
import { api } from './topics/api.ts'
import { argumentsTopic } from './topics/arguments.ts'
import { base } from './topics/base.ts'
import { bit } from './topics/bit.ts'
import { cache } from './topics/cache.ts'
import { cjson } from './topics/cjson.ts'
import { cmsgpack } from './topics/cmsgpack.ts'
import { conversions } from './topics/conversions.ts'
import { coroutine } from './topics/coroutine.ts'
import { echoes } from './topics/echoes.ts'
import { errors } from './topics/errors.ts'
import { flags } from './topics/flags.ts'
import { functionCalls } from './topics/functions/call.ts'
import { loading } from './topics/functions/load.ts'
import { functionManagement } from './topics/functions/manage.ts'
import { math } from './topics/math.ts'
import { replies } from './topics/replies.ts'
import { sandbox } from './topics/sandbox.ts'
import { statistics } from './topics/statistics.ts'
import { string } from './topics/string.ts'
import { struct } from './topics/struct.ts'
import { syntax } from './topics/syntax.ts'
import { table } from './topics/table.ts'

export const TOPICS: readonly Topic[] = [
  base,
  string,
  table,
  math,
  bit,
  coroutine,
  struct,
  cjson,
  cmsgpack,
  api,
  argumentsTopic,
  replies,
  conversions,
  errors,
  syntax,
  sandbox,
  flags,
  cache,
  statistics,
  echoes,
  loading,
  functionCalls,
  functionManagement,
]
