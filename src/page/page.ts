/**
 * The page: puts its parts together and feeds them with the server's events.
 */
import type { EngineState, StartEvent } from '../observability/page/protocol.ts'
import { Detail } from './detail.ts'
import { byId, setText } from './dom.ts'
import { span } from './format.ts'
import { Now } from './now.ts'
import { follow } from './stream.ts'
import { ScriptTable } from './table.ts'
import { Tiles } from './tiles.ts'
import { takeTokenFromAddress } from './token.ts'

/** The server's clock against this one, ms. */
let clockOffset = 0
const now = () => Date.now() + clockOffset

const detail = new Detail(now)
const panel = new Now((id) => detail.open(id))
const table = new ScriptTable((id) => detail.open(id), now)
const tiles = new Tiles()
let started: StartEvent | undefined

function showAbout(): void {
  if (started === undefined) return
  const { version, valkeyVersion, startedAt } = started
  setText(byId('about'), `${version} · Valkey ${valkeyVersion} · up ${span((now() - startedAt) / 1000)}`)
}

/** The engine's figures do not change while it is busy: then they say how old they are. */
function showEngine(state: EngineState): void {
  panel.show(state)
  table.mark(state.running?.id)
  tiles.showAge(state.silence)
}

takeTokenFromAddress()
void follow({
  start(event) {
    const isFirst = started === undefined
    started = event
    clockOffset = event.now - Date.now()
    tiles.maxMemory = event.maxMemory
    tiles.start(event.history)
    table.start(event.scripts, event.hidden)
    showEngine(event.engine)
    showAbout()
    if (isFirst) detail.followAddress()
  },
  moment(event) {
    tiles.add(event.moment)
    table.update(event.changed, event.gone, event.hidden)
    showEngine(event.engine)
    showAbout()
  },
  engine: showEngine,
  connection(problem) {
    const place = byId('connection')
    setText(place, problem === '' ? 'Live' : problem)
    place.dataset.state = problem === '' ? 'live' : 'lost'
    document.body.dataset.connection = place.dataset.state
    if (problem !== '') panel.lost()
  },
})
