import type { MapClick } from '../map/port'
import { always, type Command } from './command'
import { pickSite } from './pick-site'
import { showCard } from './show-card'

/** One tap means what the tool says: take this point as the site, or show what is here. */
export const clickMap: Command<MapClick> = {
  disabled: always,
  run(context, click) {
    if (context.state.tool === 'site') return pickSite.run(context, { position: click.position, show: false })
    return showCard.run(context, click)
  },
}
