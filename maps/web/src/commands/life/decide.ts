import { Failure } from '../../contract/client'
import type { LifeDoc } from '../../contract/life'
import { translate } from '../../messages/translate'
import type { Wish } from '../../state/life'
import { always, say, sentenceOf, type Command, type Context } from '../command'
import { checkVersion } from '../check-version'
import { loadPastSchemes } from '../open-scheme'
import { loadLife } from './load'

/** Begin to accept, extend, withdraw or build: a form asks who and why first; null leaves it. */
export const askLife: Command<Wish | null> = {
  disabled: ({ state }) => (state.life.doc ? null : 'life.unknown'),
  run({ state }, wish) {
    Object.assign(state.life, { asking: wish, error: null, done: null })
  },
}

export interface LifeDecision {
  by: string
  reason: string
  option: number
  /** Last day of the reservation, or the day on which it was built. */
  day: string
  override: string
}

/** Do what the form asks for. */
export const decideLife: Command<LifeDecision> = {
  disabled({ state }, { by, reason, day }) {
    const { asking, busy } = state.life
    if (busy || asking === null) return 'generate.busy'
    if (!by.trim()) return 'life.by.required'
    if (asking.step === 'withdraw' && !reason.trim()) return 'life.reason.required'
    return (asking.step === 'extend' || asking.step === 'built') && !day ? 'life.day.required' : null
  },
  async run(context, decision) {
    const { state } = context
    const { life } = state
    const { asking, id } = life
    if (asking === null || id === null) return
    Object.assign(life, { busy: true, error: null })
    state.person = decision.by.trim()
    try {
      const word = await carryOut(context, id, asking, decision)
      if (state.life.id === id) Object.assign(state.life, { asking: null, done: word })
    } catch (error) {
      const [code, rival] = error instanceof Failure ? [error.code, error.rival] : ['', null]
      life.error = { text: sentenceOf(context, error), code, rival }
    } finally {
      life.busy = false
    }
    await Promise.all([state.life.id === id ? loadDone(context, id) : null, loadPastSchemes(context)])
    await checkVersion.run(context)
  },
}

/** The life anew, with the error or the word of what was done left standing. */
async function loadDone(context: Context, id: string): Promise<void> {
  const { error } = context.state.life
  await loadLife(context, id)
  context.state.life.error ??= error
}

async function carryOut(context: Context, id: string, wish: Wish, decision: LifeDecision): Promise<string> {
  const { api, state } = context
  const by = decision.by.trim()
  const reason = decision.reason.trim() || null
  const until = decision.day || null
  let told: LifeDoc | null = null
  if (wish.step === 'built') {
    const { version } = await api.built(id, { by, option: decision.option, built_on: until })
    say(context, 'life.done.built', { version })
    return translate(state.language, 'life.done.built', { version })
  }
  if (wish.step === 'withdraw') told = await api.withdraw(id, by, reason ?? '')
  else if (wish.step === 'extend') told = await api.extend(id, { by, until, reason })
  else told = await api.accept(id, { by, until, reason, option: decision.option, override: decision.override.trim() || null })
  const params = { until: told.until ?? '—' }
  say(context, `life.done.${wish.step}`, params)
  return translate(state.language, `life.done.${wish.step}`, params)
}

export const filterSchemes: Command<string> = {
  disabled: always,
  run({ state }, wanted) {
    state.pastState = wanted
  },
}
