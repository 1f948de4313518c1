import { readNotes } from '../state/notes'
import type { Link } from '../state/permalink'
import { sentenceOf, type Context } from './command'
import { loadPastSchemes, openScheme } from './open-scheme'
import { showTab } from './show-tab'

/** First load: which network this is, its style, then what the address asks for. Gives the style for the map. */
export async function start(context: Context): Promise<Record<string, unknown> | null> {
  const { state } = context
  state.startError = null
  try {
    state.network = await context.api.network()
    const style = await context.api.style(state.language)
    state.notes = readNotes(style)
    state.colouring ||= state.notes.colourings[0]?.id ?? ''
    if (state.network.empty) Object.assign(state, { tab: 'data', dataView: 'import' })
    else if (state.network.crs === null || state.network.bounds === null) state.mapFault = 'no-crs'
    return style
  } catch (error) {
    state.startError = sentenceOf(context, error)
    return null
  }
}

/** What the address after # asks for, once the map stands. */
export async function follow(context: Context, link: Link): Promise<void> {
  if (link.schemeId) await openScheme.run(context, { id: link.schemeId, rank: link.rank })
  if (link.view) context.map.setView(link.view)
  if (context.state.network?.empty) await showTab.run(context, 'data')
  else if (link.tab && link.tab !== 'scheme') await showTab.run(context, link.tab)
  await loadPastSchemes(context)
}
