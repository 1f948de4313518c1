import { markRaw } from 'vue'
import { Failure } from '../../contract/client'
import type { CheckDoc, DraftTask, ResultDoc, SuggestionDoc } from '../../contract/intake'
import type { JobDoc } from '../../contract/resources'
import { translate } from '../../messages/translate'
import { say, sentenceOf, type Command, type Context } from '../command'
import { followJob } from '../follow-job'
import { takeVersion } from '../take-version'
import { loadVersions } from '../versions'
import { goStep } from './steps'
import { takeMapping } from './take-mapping'

/** Read all files as an import would, without importing. */
export const checkDraft: Command<void> = {
  disabled: ({ state }) => (state.intake.working ? 'intake.busy' : state.intake.draft?.files.length ? null : 'intake.empty'),
  run: (context) => runTask(context, 'check'),
}

/** Make the checked draft the next version. */
export const publishDraft: Command<string> = {
  disabled({ state }, by) {
    if (state.intake.working) return 'intake.busy'
    if (!state.intake.check) return 'intake.check.first'
    return by.trim() ? null : 'versions.by.required'
  },
  async run(context, by) {
    context.state.person = by.trim()
    await runTask(context, 'publish')
  },
}

export const cancelTask: Command<void> = {
  disabled: ({ state }) => (state.intake.working?.job ? null : 'intake.empty'),
  async run({ state, api }) {
    // It may have ended meanwhile; then there is nothing left to stop.
    if (state.intake.working?.job) await api.cancelJob(state.intake.working.job).catch(() => undefined)
  },
}

export async function runTask(context: Context, task: DraftTask): Promise<void> {
  const { state, api } = context
  const { intake } = state
  if (!intake.draft || intake.working) return
  intake.error = null
  intake.working = { task, job: null, stage: 'queued', done: null, total: null }
  if (task === 'check') intake.step = 'check'
  try {
    await followTask(context, await api.startTask(intake.draft.id, task, { by: state.person || null }), task)
  } catch (error) {
    intake.working = null
    intake.error = sentenceOf(context, error)
  }
}

/** Wait for a task of the draft and take what it gave. */
export async function followTask(context: Context, job: JobDoc, task: DraftTask): Promise<void> {
  const { intake } = context.state
  const draftId = intake.draft?.id ?? ''
  intake.working = { task, job: job.id, stage: 'queued', done: null, total: null }
  try {
    await followJob(context, job, ({ stage, done, total }) => {
      if (intake.working) Object.assign(intake.working, { stage, done, total })
    })
    intake.working = null
    intake.draft = await context.api.draft(draftId)
    await take(context, draftId, task)
  } catch (error) {
    intake.error = unchanged(context, error)
  } finally {
    intake.working = null
  }
}

async function take(context: Context, draftId: string, task: DraftTask): Promise<void> {
  const { state, api } = context
  const { intake } = state
  if (task === 'suggest') {
    intake.suggestion = markRaw(await api.draftPart<SuggestionDoc>(draftId, 'suggestion'))
    intake.open = null
    intake.preview = null
    await takeMapping(context, intake.draft?.mapping ?? intake.suggestion.document, !intake.draft?.mapping)
    goStep.run(context, intake.suggestion.kind === 'tables' ? 'mapping' : 'check')
    say(context, 'intake.suggested', { count: intake.suggestion.tables.length })
  } else if (task === 'check') {
    intake.check = markRaw(await api.draftPart<CheckDoc>(draftId, 'check'))
    goStep.run(context, 'check')
    if (intake.check.against?.bounds) context.map.fit(intake.check.against.bounds)
    say(context, 'intake.checked')
  } else {
    intake.result = await api.draftPart<ResultDoc>(draftId, 'result')
    goStep.run(context, 'result')
    say(context, `intake.done.${intake.result.state}`, { version: intake.result.version })
    if (intake.result.state === 'published') await takeVersion.run(context, intake.result.version)
    await loadVersions(context)
  }
}

/** Whatever stops an import leaves the network as it was: that is said first. */
function unchanged(context: Context, error: unknown): string {
  const nothing = translate(context.state.language, 'intake.unchanged')
  return error instanceof Failure && error.kind === 'refused' ? `${nothing} ${sentenceOf(context, error)}` : sentenceOf(context, error)
}
