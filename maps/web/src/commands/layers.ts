import type { LayerGroup } from '../state/notes'
import { always, type Command, type Context } from './command'

export const toggleGroup: Command<LayerGroup> = {
  disabled: always,
  run(context, group) {
    const { state, map } = context
    state.hidden[group.id] = !(state.hidden[group.id] ?? !group.visible)
    for (const layer of group.layers) map.setVisible([layer], isShown(context, layer))
    showOverlay(context)
  },
}

export const chooseColouring: Command<string> = {
  disabled: always,
  run(context, id) {
    const { state, map } = context
    const colouring = state.notes?.colourings.find((one) => one.id === id)
    if (!colouring) return
    state.colouring = id
    map.colourPipes(colouring.paint)
    showOverlay(context)
  },
}

/** A layer in several groups is shown when all of them are. */
function isShown({ state }: Context, layer: string): boolean {
  return (state.notes?.groups ?? [])
    .filter((group) => group.layers.includes(layer))
    .every((group) => !(state.hidden[group.id] ?? !group.visible))
}

/** What is computed, such as pressures, has tiles and a map layer of its own, which lies over the pipes. */
function showOverlay({ state, map }: Context): void {
  const pipes = state.notes?.groups.find((group) => group.id === 'pipes')
  const shown = pipes !== undefined && !(state.hidden[pipes.id] ?? !pipes.visible)
  for (const one of state.notes?.colourings ?? []) {
    if (one.layer) map.setVisible([one.layer], shown && one.id === state.colouring)
  }
}
