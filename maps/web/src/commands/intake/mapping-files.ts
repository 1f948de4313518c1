import type { MappingSource } from '../../contract/intake-client'
import { remember } from '../../state/history'
import { say, sentenceOf, type Command } from '../command'
import { lookAgain } from './look'

/** Take a mapping from a file or from those that were kept; undo brings the former one back. */
export const loadMapping: Command<MappingSource> = {
  disabled: ({ state }) => (state.intake.draft && !state.intake.working ? null : 'intake.empty'),
  async run(context, source) {
    const { intake } = context.state
    if (!intake.draft) return
    try {
      const draft = await context.api.setMapping(intake.draft.id, source)
      if (intake.mapping) intake.history = remember(intake.history, intake.mapping)
      intake.draft = draft
      intake.mapping = draft.mapping ?? null
      intake.check = null
      intake.error = null
      say(context, 'intake.mapping.loaded')
      await lookAgain(context)
    } catch (error) {
      intake.error = sentenceOf(context, error)
    }
  },
}

/** Keep the mapping under a name for the next delivery of the same source. */
export const keepMapping: Command<string> = {
  disabled: ({ state }, name) => (!state.intake.mapping ? 'intake.empty' : name.trim() ? null : 'intake.mapping.name.required'),
  async run(context, name) {
    const { intake } = context.state
    if (!intake.mapping) return
    try {
      intake.kept = await context.api.keepMapping(name.trim(), intake.mapping)
      say(context, 'intake.mapping.kept', { name: name.trim() })
    } catch (error) {
      intake.error = sentenceOf(context, error)
    }
  },
}
