import type { Bounds, Position } from '../contract/wire'
import { selectedOption } from '../state/store'
import { keepForUndo, type Command } from './command'

export const selectOption: Command<number> = {
  disabled: ({ state }, rank) => (state.scheme?.options.some((one) => one.rank === rank) ? null : 'result.empty'),
  run(context, rank) {
    const { state } = context
    if (state.rank !== null && state.rank !== rank) keepForUndo(context)
    state.rank = rank
    state.detail = 'open'
    state.focus = null
    state.lost = null
    const option = selectedOption(state)
    if (option) context.map.fit(around([...option.route.geometry.coordinates, ...sites(state.form.position)]))
  },
}

/** The option `step` places after the selected one; stays at the ends. */
export const moveSelection: Command<1 | -1> = {
  disabled: ({ state }) => (state.scheme?.options.length ? null : 'result.empty'),
  run(context, step) {
    const options = context.state.scheme?.options ?? []
    const at = options.findIndex((one) => one.rank === context.state.rank)
    const next = options[Math.min(Math.max(at + step, 0), options.length - 1)]
    if (next) selectOption.run(context, next.rank)
  },
}

export const closeDetail: Command<void> = {
  disabled: ({ state }) => (state.detail === 'closed' ? 'result.empty' : null),
  run({ state }) {
    state.detail = 'closed'
  },
}

const sites = (position: Position | null): Position[] => (position ? [position] : [])

/** Bounds of some places. */
export function around(points: Position[]): Bounds {
  const lons = points.map((point) => point[0])
  const lats = points.map((point) => point[1])
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}
