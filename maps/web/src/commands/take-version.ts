import type { NetworkInfo } from '../contract/resources'
import { readNotes } from '../state/notes'
import { always, sentenceOf, type Command, type Context } from './command'

const PATIENCE = 40
const AGAIN_MS = 500

/** Go over to the version the server holds now: figures of the header, tiles, labels. Nothing typed is lost. */
export const takeVersion: Command<string | null> = {
  disabled: always,
  async run(context, expected) {
    const { state, api, map } = context
    try {
      const network = await current(context, expected)
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

/** What the server holds; a version that has just become current is opened first, which takes it a moment. */
async function current({ api, pause }: Context, expected: string | null): Promise<NetworkInfo> {
  let network = await api.network()
  for (let turn = 0; expected !== null && network.version !== expected && turn < PATIENCE; turn += 1) {
    await pause(AGAIN_MS)
    network = await api.network()
  }
  return network
}
