import { readNotes } from '../state/notes'
import { always, sentenceOf, type Command } from './command'

/** Words of the page change at once; labels of the map when the style in the other language has come. */
export const switchLanguage: Command<void> = {
  disabled: always,
  async run(context) {
    const { state } = context
    state.language = state.language === 'zh' ? 'en' : 'zh'
    try {
      const style = await context.api.style(state.language)
      state.notes = readNotes(style)
      await context.map.restyle(style)
    } catch (error) {
      state.error = sentenceOf(context, error)
    }
  },
}
