import type { Position } from '../contract/wire'
import { always, type Command } from './command'

const CLOSE_ZOOM = 17

/** Show where a row of a list lies. */
export const focusPlace: Command<Position> = {
  disabled: always,
  run({ state, map }, position) {
    state.card = null
    state.focus = position
    map.setView({ centre: position, zoom: Math.max(map.view()?.zoom ?? 0, CLOSE_ZOOM) })
  },
}
