import { always, type Command } from './command'

/** Ask which version the server holds; another one than ours is said in the header, with the way to it. */
export const checkVersion: Command<void> = {
  disabled: always,
  async run({ state, api }) {
    try {
      const { version } = await api.network()
      state.newVersion = state.network && version !== state.network.version ? version : null
    } catch {
      // The next call will say that the server is away.
    }
  },
}
