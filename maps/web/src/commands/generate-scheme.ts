import { schemeIdOf } from '../contract/client'
import type { RequestDoc, SchemeDoc } from '../contract/wire'
import { translate } from '../messages/translate'
import { formFault, formOf, requestKey, requestOf } from '../state/form'
import { PLAIN } from '../state/weighing'
import { money } from '../text/figures'
import { checkVersion } from './check-version'
import { keepForUndo, say, sentenceOf, type Command, type Context } from './command'
import { followJob } from './follow-job'
import { loadPastSchemes } from './open-scheme'
import { selectOption } from './select-option'

export const generateScheme: Command<void> = {
  disabled({ state }) {
    return state.computing ? 'generate.busy' : formFault(state.form)
  },
  run(context) {
    const request = requestOf(context.state.form, context.state.kept)
    if (request !== null) return computeScheme(context, request)
  },
}

/** Have a request computed and show what comes of it. */
export async function computeScheme(context: Context, request: RequestDoc): Promise<void> {
  const { state } = context
  if (state.computing) return
  const waiting = new AbortController()
  context.waiting.scheme = waiting
  state.computing = { stage: null, done: null, total: null }
  state.error = null
  say(context, 'generate.running')
  try {
    showScheme(context, await answer(context, request, waiting.signal), request)
  } catch (error) {
    if (waiting.signal.aborted) state.error = translate(state.language, 'generate.stopped')
    else state.error = sentenceOf(context, error)
  } finally {
    state.computing = null
    context.waiting.scheme = null
  }
  await loadPastSchemes(context)
  if (state.scheme && state.scheme.provenance.network_version !== state.network?.version) {
    await checkVersion.run(context)
  }
}

export const stopWaiting: Command<void> = {
  disabled: ({ state }) => (state.computing ? null : 'generate.no-site'),
  async run({ waiting, api }) {
    waiting.scheme?.abort()
    // The server may have finished meanwhile; then there is nothing left to stop.
    if (waiting.job) await api.cancelJob(waiting.job).catch(() => undefined)
    waiting.job = null
  },
}

async function answer(context: Context, request: RequestDoc, signal: AbortSignal): Promise<SchemeDoc> {
  const first = await context.api.requestScheme(request, signal)
  if ('scheme' in first) return first.scheme
  context.waiting.job = first.job.id
  const job = await followJob(context, first.job, (progress) => (context.state.computing = progress), signal)
  return context.api.scheme(schemeIdOf(job) ?? '')
}

/** Show a scheme that answers a request; its first option is selected. */
function showScheme(context: Context, scheme: SchemeDoc, request: RequestDoc): void {
  const { state } = context
  keepForUndo(context)
  state.scheme = scheme
  // while it was computed the form may have changed: then the form stays, and the scheme is told to be outdated
  const asked = formOf(request, state.form)
  state.kept = request
  state.computedFor = requestKey(asked, request)
  state.weighing = { ...PLAIN }
  state.rank = null
  const first = scheme.options[0]
  if (first) {
    selectOption.run(context, first.rank)
    context.state.detail = 'offered'
  }
  if (scheme.feasible && first) {
    say(context, 'generate.done', { count: scheme.options.length, total: money(first.quote.total_cny) })
  } else {
    say(context, 'generate.infeasible')
  }
}
