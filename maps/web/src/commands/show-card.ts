import type { Position } from '../contract/wire'
import type { MapClick } from '../map/port'
import { positionText } from '../text/position'
import { always, say, sentenceOf, type Command } from './command'

const CLOSE_ZOOM = 17
/** What the card covers at the left of the map, with its margins. */
export const CARD_PX = 400

/** What stands at a place: the clicked feature at once, the site card when the server has answered. */
export const showCard: Command<MapClick> = {
  disabled: always,
  async run(context, click) {
    const { state } = context
    state.focus = null
    state.issues.selected = null
    state.closure = null
    state.card = { position: click.position, feature: click.feature, doc: null, loading: true, error: null }
    context.map.uncover(click.position, CARD_PX)
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

/** Show where a row of the card lies; the card stays open. */
export const locate: Command<{ position: Position; pipeId: string | null }> = {
  disabled: always,
  run({ state, map }, { position, pipeId }) {
    state.focus = position
    if (pipeId !== null) map.focusPipe(pipeId, null)
    map.setView({ centre: position, zoom: Math.max(map.view()?.zoom ?? 0, CLOSE_ZOOM) })
  },
}

/** Take the place of the card along, as other programs read it: longitude first. */
export const copyPosition: Command<Position> = {
  disabled: always,
  async run(context, position) {
    const text = position.map(positionText).join(', ')
    const copied = await context.copy(text)
    say(context, copied ? 'card.copied' : 'card.copy-failed', { text })
    context.state.copied = copied ? text : null
  },
}

export const closeCard: Command<void> = {
  disabled: ({ state }) => (state.card ? null : 'app.close'),
  run({ state }) {
    state.card = null
    state.closure = null
    state.focus = null
  },
}
