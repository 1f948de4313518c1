import { readNotes } from '../state/notes'
import { always, sentenceOf, type Command } from './command'

/** Go over to the version the server holds now: figures of the header, tiles, labels. Nothing typed is lost. */
export const takeVersion: Command<void> = {
  disabled: always,
  async run(context) {
    const { state, api, map } = context
    try {
      const network = await api.network()
      if (network.version === state.network?.version) return
      const before = state.network
      const style = await api.style(state.language)
      state.network = network
      state.notes = readNotes(style)
      state.newVersion = null
      state.card = null
      state.renewal = null
      if (state.mapFault === 'no-crs' && network.crs !== null) return context.reopen()
      if (network.crs === null) {
        state.mapFault = 'no-crs'
        return
      }
      await map.restyle(style)
      if (network.bounds && !before?.bounds) map.fit(network.bounds)
    } catch (error) {
      state.error = sentenceOf(context, error)
    }
  },
}
