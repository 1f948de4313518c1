import { checkPosition, positionText } from '../text/position'
import { translate } from '../messages/translate'
import { isGeographic } from '../state/store'
import type { Position } from '../contract/wire'
import { always, keepForUndo, say, type Command } from './command'

export interface PickSite {
  position: Position
  /** Typed positions move the map there; clicked ones are already in view. */
  show: boolean
}

export const pickSite: Command<PickSite> = {
  disabled: always,
  run(context, { position, show }) {
    const { state } = context
    const checked = checkPosition(position, isGeographic(state))
    if (checked === null) {
      state.siteNote = translate(state.language, 'site.bad')
      return
    }
    const [lon, lat] = checked.position
    const words = { lon: positionText(lon), lat: positionText(lat) }
    keepForUndo(context)
    state.form.position = checked.position
    state.siteNote = checked.swapped ? translate(state.language, 'site.swapped', words) : outsideNote(context.state)
    state.tool = 'view'
    state.crosshair = false
    state.card = null
    say(context, 'site.set', words)
    if (show) context.map.setView({ centre: checked.position, zoom: Math.max(context.map.view()?.zoom ?? 0, 16) })
  },
}

function outsideNote(state: Parameters<typeof isGeographic>[0]): string | null {
  const bounds = state.network?.bounds
  const position = state.form.position
  if (!bounds || !position || !isGeographic(state)) return null
  const margin = 0.02
  const inside =
    position[0] > bounds[0] - margin &&
    position[0] < bounds[2] + margin &&
    position[1] > bounds[1] - margin &&
    position[1] < bounds[3] + margin
  return inside ? null : translate(state.language, 'site.outside')
}
