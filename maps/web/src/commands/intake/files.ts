import { Failure } from '../../contract/client'
import type { BroughtFile, DraftDoc } from '../../contract/intake'
import { translate } from '../../messages/translate'
import { emptyIntake, type Upload } from '../../state/intake'
import { always, say, sentenceOf, type Command, type Context } from '../command'
import { runTask } from './tasks'
import { takeDraft } from './open'

/** Send files one after the other; when all have come, find out what they are. */
export const bringFiles: Command<BroughtFile[]> = {
  disabled: ({ state }) => (state.intake.working || isSending(state.intake.uploads) ? 'intake.busy' : null),
  async run(context, files) {
    const { intake } = context.state
    if (!files.length) return
    intake.error = null
    intake.uploads = files.map(({ name, content }) => ({ name, bytes: content.size, sent: 0, problem: null }))
    context.waiting.upload = new AbortController()
    try {
      intake.draft ??= await context.api.createDraft()
      const { signal } = context.waiting.upload
      for (const [at, upload] of [...intake.uploads].entries()) await sendOne(context, files[at]!, upload, signal)
      intake.suggestion = intake.preview = intake.check = intake.result = null
    } catch (error) {
      intake.error = stopped(context, error)
    } finally {
      context.waiting.upload = null
      intake.uploads = intake.uploads.filter((one) => one.problem !== null)
    }
    if (intake.error === null && intake.draft?.files.length && !intake.uploads.length) await runTask(context, 'suggest')
  },
}

const isSending = (uploads: Upload[]): boolean => uploads.some((one) => one.problem === null)

/** A file that is refused says so in its row; the others go on. */
async function sendOne(context: Context, file: BroughtFile, upload: Upload, signal: AbortSignal): Promise<void> {
  const { intake } = context.state
  try {
    intake.draft = await context.api.upload(intake.draft!.id, file, ({ done }) => (upload.sent = done), signal)
    upload.sent = upload.bytes
    intake.uploads = intake.uploads.filter((one) => one !== upload)
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'unreachable') throw error
    upload.problem = sentenceOf(context, error)
  }
}

function stopped(context: Context, error: unknown): string {
  const aborted = error instanceof DOMException && error.name === 'AbortError'
  return aborted ? translate(context.state.language, 'intake.upload.stopped') : sentenceOf(context, error)
}

export const stopUpload: Command<void> = {
  disabled: ({ waiting }) => (waiting.upload ? null : 'intake.busy'),
  run({ waiting }) {
    waiting.upload?.abort()
  },
}

export const removeFile: Command<string> = {
  disabled: ({ state }) => (state.intake.working ? 'intake.busy' : null),
  async run(context, name) {
    const { intake } = context.state
    if (!intake.draft) return
    try {
      intake.draft = await context.api.removeFile(intake.draft.id, name)
      intake.suggestion = intake.preview = intake.check = intake.result = null
      intake.step = 'files'
    } catch (error) {
      intake.error = sentenceOf(context, error)
    }
  },
}

/** Throw the files away; the network stays as it is. */
export const discardDraft: Command<void> = {
  disabled: ({ state }) => (state.intake.draft ? null : 'intake.empty'),
  async run(context) {
    const { state, api } = context
    const { draft, dictionary, kept } = state.intake
    try {
      if (draft) await api.discardDraft(draft.id)
      Object.assign(state.intake, { ...emptyIntake(), dictionary, kept })
      say(context, 'intake.discarded')
    } catch (error) {
      state.intake.error = sentenceOf(context, error)
    }
  },
}

/** Begin another import; the one that is done stays in the versions. */
export const nextImport: Command<void> = {
  disabled: always,
  run({ state }) {
    const { dictionary, kept } = state.intake
    Object.assign(state.intake, { ...emptyIntake(), dictionary, kept })
  },
}

/** Go on with a draft of earlier. */
export const resumeDraft: Command<DraftDoc> = {
  disabled: always,
  run: (context, draft) => takeDraft(context, draft.id),
}
