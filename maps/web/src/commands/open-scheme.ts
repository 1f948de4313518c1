import { Failure } from '../contract/client'
import { formOf, requestKey } from '../state/form'
import { emptyLife } from '../state/life'
import { PLAIN } from '../state/weighing'
import { always, keepForUndo, sentenceOf, type Command, type Context } from './command'
import { loadLife } from './life/load'
import { selectOption } from './select-option'

export interface OpenScheme {
  id: string
  rank: number | null
}

/** Bring back a stored scheme with the form it was asked by; of one planned elsewhere only its life. */
export const openScheme: Command<OpenScheme> = {
  disabled: always,
  async run(context, { id, rank }) {
    const { state } = context
    try {
      const scheme = await context.api.scheme(id)
      keepForUndo(context)
      state.form = formOf(scheme.request, state.form)
      state.kept = scheme.request
      state.computedFor = requestKey(state.form, state.kept)
      state.scheme = scheme
      state.weighing = { ...PLAIN }
      state.error = null
      state.tool = 'view'
      state.rank = null
      const option = scheme.options.find((one) => one.rank === rank) ?? scheme.options[0]
      if (option) selectOption.run(context, option.rank)
      state.detail = 'offered'
    } catch (error) {
      if (error instanceof Failure && error.status === 404 && (await openElsewhere(context, id))) return
      state.error = sentenceOf(context, error)
    }
  },
}

/** Show how a scheme stands whose document lies elsewhere; false where nobody knows of it. */
async function openElsewhere(context: Context, id: string): Promise<boolean> {
  const { state } = context
  const known = await context.api.life(id).catch(() => null)
  if (known === null) return false
  keepForUndo(context)
  Object.assign(state, { scheme: null, rank: null, detail: 'closed', error: null, life: emptyLife() })
  await loadLife(context, id)
  state.focus = known.claim?.position ?? state.past.find((one) => one.id === id)?.position ?? null
  if (state.focus) context.map.fit([...state.focus, ...state.focus])
  return true
}

/** The list of past schemes is a help, not a need: without it the page works on. */
export async function loadPastSchemes(context: Context): Promise<void> {
  try {
    context.state.past = await context.api.schemes()
  } catch {
    context.state.past = []
  }
}
