import type { Candidate, DecisionKind } from '../contract/resources'
import { translate } from '../messages/translate'
import { always, say, sentenceOf, type Command, type Context } from './command'
import { followJob } from './follow-job'

export async function loadRenewal(context: Context): Promise<void> {
  try {
    context.state.renewal = await context.api.renewal()
    context.state.renewalError = null
  } catch (error) {
    context.state.renewalError = sentenceOf(context, error)
  }
}

export const runRenewal: Command<void> = {
  disabled: ({ state }) => (state.renewalRun ? 'generate.busy' : null),
  async run(context) {
    const { state } = context
    if (state.renewalRun) return
    state.renewalRun = { stage: null, done: null, total: null }
    state.renewalError = null
    try {
      const job = await context.api.startRenewal()
      state.renewalJob = job.id
      await followJob(context, job, (progress) => (state.renewalRun = progress))
      await loadRenewal(context)
    } catch (error) {
      state.renewalError = sentenceOf(context, error)
    } finally {
      Object.assign(state, { renewalRun: null, renewalJob: null })
    }
  },
}

export const cancelRenewal: Command<void> = {
  disabled: ({ state }) => (state.renewalJob ? null : 'generate.no-site'),
  async run({ state, api }) {
    if (state.renewalJob) await api.cancelJob(state.renewalJob).catch(() => undefined)
  },
}

export const selectCandidate: Command<Candidate> = {
  disabled: always,
  run({ state, map }, candidate) {
    state.pipeId = state.pipeId === candidate.pipe_id ? null : candidate.pipe_id
    if (state.pipeId) map.focusPipe(candidate.pipe_id, candidate.position)
  },
}

export interface Decide {
  pipeId: string
  decision: DecisionKind
  reason: string
  until: string
}

export const decideCandidate: Command<Decide> = {
  disabled(_context, { decision, reason, until }) {
    if (!reason.trim()) return 'decision.reason.required'
    return decision === 'defer' && !until ? 'decision.until.required' : null
  },
  async run(context, { pipeId, decision, reason, until }) {
    const { state } = context
    try {
      await context.api.decide(pipeId, { decision, reason: reason.trim(), until: decision === 'defer' ? until : null })
      await loadRenewal(context)
      say(context, 'decision.saved', { pipe: pipeId, decision: translate(state.language, `decision.${decision}`) })
    } catch (error) {
      state.renewalError = sentenceOf(context, error)
    }
  },
}

export const withdrawDecision: Command<string> = {
  disabled: always,
  async run(context, pipeId) {
    try {
      await context.api.decide(pipeId, { decision: 'none', reason: null, until: null })
      await loadRenewal(context)
      say(context, 'decision.withdrawn', { pipe: pipeId })
    } catch (error) {
      context.state.renewalError = sentenceOf(context, error)
    }
  },
}
