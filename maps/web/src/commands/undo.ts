import type { SchemeDoc } from '../contract/wire'
import { stepBack, stepForward, type History } from '../state/history'
import { snapshot, type Snapshot } from '../state/store'
import { sentenceOf, type Command, type Context } from './command'
import { redoMapping, undoMapping } from './intake/edit'

/** While columns are mapped, undo is about the mapping. */
const isMapping = ({ state }: Context): boolean => state.tab === 'data' && state.dataView === 'import'

export const undo: Command<void> = {
  disabled: (context) =>
    isMapping(context) ? undoMapping.disabled(context) : context.state.history.past.length ? null : 'app.undo',
  run: (context) => (isMapping(context) ? undoMapping.run(context) : step(context, stepBack(context.state.history, snapshot(context.state)))),
}

export const redo: Command<void> = {
  disabled: (context) =>
    isMapping(context) ? redoMapping.disabled(context) : context.state.history.future.length ? null : 'app.redo',
  run: (context) =>
    isMapping(context) ? redoMapping.run(context) : step(context, stepForward(context.state.history, snapshot(context.state))),
}

async function step(context: Context, moved: { history: History<Snapshot>; value: Snapshot } | null): Promise<void> {
  if (moved === null) return
  const { state } = context
  try {
    const scheme = await schemeOf(context, moved.value.schemeId)
    state.history = moved.history
    state.form = { ...moved.value.form }
    state.kept = moved.value.kept
    state.scheme = scheme
    state.rank = moved.value.rank
    state.computedFor = moved.value.computedFor
    state.siteNote = null
  } catch (error) {
    state.error = sentenceOf(context, error)
  }
}

async function schemeOf(context: Context, id: string | null): Promise<SchemeDoc | null> {
  if (id === null) return null
  const shown = context.state.scheme
  return shown?.id === id ? shown : context.api.scheme(id)
}
