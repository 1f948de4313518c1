import type { Tool } from '../state/store'
import { always, type Command } from './command'

export const chooseTool: Command<Tool> = {
  disabled: ({ state }) => (state.mapFault ? 'map.no-crs' : null),
  run(context, tool) {
    context.state.tool = tool
    if (tool === 'view') context.state.crosshair = false
    else context.state.card = null
  },
}

/** Precise capture: the map moves under a fixed cross. */
export const toggleCrosshair: Command<void> = {
  disabled: ({ state }) => (state.mapFault ? 'map.no-crs' : null),
  run(context) {
    context.state.crosshair = !context.state.crosshair
    context.state.tool = context.state.crosshair ? 'site' : 'view'
    context.state.card = null
  },
}

/** Cancel what is open, nearest first. */
export const escape: Command<void> = {
  disabled: always,
  run({ state }) {
    if (state.helpOpen) state.helpOpen = false
    else if (state.layersOpen) state.layersOpen = false
    else if (state.issues.selected) state.issues.selected = null
    else if (state.card) state.card = null
    else if (state.crosshair) state.crosshair = false
    else if (state.tool === 'site') state.tool = 'view'
    else if (state.detail !== 'closed') state.detail = 'closed'
  },
}
