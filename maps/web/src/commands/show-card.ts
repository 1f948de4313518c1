import type { MapClick } from '../map/port'
import { always, sentenceOf, type Command } from './command'

/** What stands at a place: the clicked feature at once, the site card when the server has answered. */
export const showCard: Command<MapClick> = {
  disabled: always,
  async run(context, click) {
    const { state } = context
    state.card = { position: click.position, feature: click.feature, doc: null, loading: true, error: null }
    // Read back, for the state hands out its own view of what was put in.
    const card = state.card
    try {
      card.doc = await context.api.siteCard(click.position)
    } catch (error) {
      card.error = sentenceOf(context, error)
    }
    card.loading = false
  },
}

export const closeCard: Command<void> = {
  disabled: ({ state }) => (state.card ? null : 'app.close'),
  run({ state }) {
    state.card = null
  },
}
