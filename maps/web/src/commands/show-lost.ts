import type { RejectedDoc } from '../contract/wire'
import { always, type Command } from './command'
import { focusPlace } from './focus-place'
import { around } from './select-option'

/** Show a point of connection that lost: its place, and its route where it has one. */
export const showLost: Command<RejectedDoc> = {
  disabled: always,
  run(context, { connection, route }) {
    const { state, map } = context
    state.weighing.open = false
    state.lost = route?.geometry ?? null
    if (state.lost === null) {
      if (connection.position) void focusPlace.run(context, connection.position)
      return
    }
    state.focus = connection.position ?? null
    map.fit(around([...state.lost.coordinates, ...(state.form.position ? [state.form.position] : [])]))
  },
}
