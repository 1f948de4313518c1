/** Keys of the page (ux.md 2.4): off while somebody types or an input method composes, and when switched off. */

import { chooseTool, escape } from './choose-tool'
import { toggleCompare } from './compare'
import type { Context } from './command'
import { generateScheme } from './generate-scheme'
import { moveSelection } from './select-option'
import { redo, undo } from './undo'

export interface Key {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  isComposing: boolean
  typing: boolean
}

/** Run what the key means; true when it meant something. `goTo` puts the focus into the coordinates. */
export function handleKey(context: Context, key: Key, goTo: () => void): boolean {
  if (key.isComposing) return false
  const command = key.ctrlKey || key.metaKey ? withControl(key) : alone(context, key, goTo)
  if (command === null) return false
  command(context)
  return true
}

type Action = (context: Context) => void

function withControl(key: Key): Action | null {
  if (key.typing) return null
  const letter = key.key.toLowerCase()
  if (letter === 'z' && !key.shiftKey) return (context) => void undo.run(context)
  if (letter === 'y' || (letter === 'z' && key.shiftKey)) return (context) => void redo.run(context)
  return null
}

function alone(context: Context, key: Key, goTo: () => void): Action | null {
  if (key.key === 'Escape') return (context) => void escape.run(context)
  if (key.key === 'Enter' && key.shiftKey) return generate
  if (key.typing || context.state.helpOpen || !context.state.shortcuts) return null
  switch (key.key.toLowerCase()) {
    case '1':
      return (context) => void chooseTool.run(context, 'view')
    case '2':
      return (context) => void chooseTool.run(context, 'site')
    case 'n':
      return (context) => void moveSelection.run(context, 1)
    case 'p':
      return (context) => void moveSelection.run(context, -1)
    case 'c':
      return (context) => void (toggleCompare.disabled(context) === null && toggleCompare.run(context))
    case 'g':
      return goTo
    case '?':
      return ({ state }) => void (state.helpOpen = true)
    default:
      return null
  }
}

const generate: Action = (context) => {
  if (generateScheme.disabled(context) === null) void generateScheme.run(context)
}
