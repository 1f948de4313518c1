import { markRaw } from 'vue'
import type { CheckDoc, ResultDoc, SuggestionDoc } from '../../contract/intake'
import { sentenceOf, type Context } from '../command'
import { goStep } from './steps'
import { takeMapping } from './take-mapping'
import { followTask } from './tasks'

/** What the import page needs before anything else: words to choose from, and drafts that wait. */
export async function openIntake(context: Context): Promise<void> {
  const { intake } = context.state
  try {
    intake.dictionary ??= await context.api.dictionary()
    const [drafts, kept] = await Promise.all([context.api.drafts(), context.api.keptMappings()])
    intake.kept = kept
    intake.earlier = drafts.filter((one) => one.files.length && !one.parts.includes('result') && one.id !== intake.draft?.id).reverse()
  } catch (error) {
    intake.error = sentenceOf(context, error)
  }
}

/** Take up a draft where it stands, its running task included. */
export async function takeDraft(context: Context, draftId: string): Promise<void> {
  const { intake } = context.state
  try {
    const draft = await context.api.draft(draftId)
    const { parts } = draft
    intake.draft = draft
    intake.error = null
    intake.earlier = intake.earlier.filter((one) => one.id !== draftId)
    intake.suggestion = parts.includes('suggestion') ? markRaw(await context.api.draftPart<SuggestionDoc>(draftId, 'suggestion')) : null
    intake.check = parts.includes('check') ? markRaw(await context.api.draftPart<CheckDoc>(draftId, 'check')) : null
    intake.result = parts.includes('result') ? await context.api.draftPart<ResultDoc>(draftId, 'result') : null
    if (intake.suggestion) await takeMapping(context, draft.mapping ?? intake.suggestion.document, draft.mapping === null)
    const job = draft.job === null ? null : await context.api.job(draft.job).catch(() => null)
    if (job?.state === 'queued' || job?.state === 'running') await followTask(context, job, draft.task ?? 'check')
    else goStep.run(context, intake.result ? 'result' : intake.check ? 'check' : intake.suggestion?.kind === 'tables' ? 'mapping' : 'files')
  } catch (error) {
    intake.error = sentenceOf(context, error)
  }
}
