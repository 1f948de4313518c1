import { formOf, requestKey } from '../state/form'
import { always, keepForUndo, sentenceOf, type Command, type Context } from './command'
import { selectOption } from './select-option'

export interface OpenScheme {
  id: string
  rank: number | null
}

/** Bring back a stored scheme with the form it was asked by. */
export const openScheme: Command<OpenScheme> = {
  disabled: always,
  async run(context, { id, rank }) {
    const { state } = context
    try {
      const scheme = await context.api.scheme(id)
      keepForUndo(context)
      state.form = formOf(scheme.request, state.form)
      state.computedFor = requestKey(state.form)
      state.scheme = scheme
      state.error = null
      state.tool = 'view'
      state.rank = null
      const option = scheme.options.find((one) => one.rank === rank) ?? scheme.options[0]
      if (option) selectOption.run(context, option.rank)
      state.detail = 'offered'
    } catch (error) {
      state.error = sentenceOf(context, error)
    }
  },
}

/** The list of past schemes is a help, not a need: without it the page works on. */
export async function loadPastSchemes(context: Context): Promise<void> {
  try {
    context.state.past = await context.api.schemes()
  } catch {
    context.state.past = []
  }
}
