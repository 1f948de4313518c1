import type { MapClick } from '../map/port'
import { always, sentenceOf, type Command } from './command'

/** What stands at a place: the clicked feature at once, the site card when the server has answered. */
export const showCard: Command<MapClick> = {
  disabled: always,
  async run(context, click) {
    const { state } = context
    const card = { position: click.position, feature: click.feature, doc: null, loading: true, error: null }
    state.card = card
    try {
      const doc = await context.api.siteCard(click.position)
      if (state.card?.position === click.position) state.card = { ...card, doc, loading: false }
    } catch (error) {
      if (state.card?.position === click.position) {
        state.card = { ...card, loading: false, error: sentenceOf(context, error) }
      }
    }
  },
}

export const closeCard: Command<void> = {
  disabled: ({ state }) => (state.card ? null : 'app.close'),
  run({ state }) {
    state.card = null
  },
}
