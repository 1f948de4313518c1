import type { LayerGroup } from '../state/notes'
import { always, type Command } from './command'

export const toggleGroup: Command<LayerGroup> = {
  disabled: always,
  run({ state, map }, group) {
    const visible = state.hidden[group.id] ?? !group.visible
    state.hidden[group.id] = !visible
    map.setVisible(group.layers, visible)
  },
}

export const chooseColouring: Command<string> = {
  disabled: always,
  run({ state, map }, id) {
    const colouring = state.notes?.colourings.find((one) => one.id === id)
    if (!colouring) return
    state.colouring = id
    map.colourPipes(colouring.paint)
  },
}
