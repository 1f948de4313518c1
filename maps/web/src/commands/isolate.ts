import { sentenceOf, say, type Command } from './command'
import { CARD_PX } from './show-card'

/** Valves to shut for work on a pipe, and who is without water; another call with valves that do not turn. */
export const isolate: Command<{ pipeId: string; failed: string[] }> = {
  disabled: () => null,
  async run(context, { pipeId, failed }) {
    const { state } = context
    state.closure = { pipeId, failed, doc: null, error: null }
    // Read back, for the state hands out its own view of what was put in.
    const { closure } = state
    try {
      const doc = await context.api.isolate(pipeId, failed)
      if (state.closure !== closure) return
      closure.doc = doc
      const places = Object.values(doc.valve_positions ?? {})
      if (places.length) {
        const [lon, lat] = [places.map((one) => one[0]), places.map((one) => one[1])]
        context.map.fit([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)], CARD_PX)
      }
      say(context, 'closure.told', { valves: doc.valves.length, customers: doc.customers_out })
    } catch (error) {
      closure.error = sentenceOf(context, error)
    }
  },
}

export const endIsolation: Command<void> = {
  disabled: ({ state }) => (state.closure ? null : 'closure.none'),
  run({ state }) {
    state.closure = null
  },
}
