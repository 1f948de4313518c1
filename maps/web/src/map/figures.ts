/** How computed figures are drawn over the network: spare flow at nodes, weight of pipes; the gravest on top. */

import { FONT } from './overlay'
import type { DrawnFigures } from './port'

type Layer = Record<string, unknown> & { id: string }

export const FIGURE_SOURCE = 'tw-figures'
export const CLICKABLE_FIGURES = ['tw-figures-tapoffs', 'tw-figures-nodes', 'tw-figures-line']
/** Layers of the tiles, as maps/figure_tiles.py names them. */
export const FIGURE_LAYERS = ['capacity_tapoffs', 'capacity_nodes', 'outages']
const MIN_ZOOM = 8
const MAX_ZOOM = 15
/** Their rings hide the nodes of a city that is looked at as a whole. */
const TAPOFF_ZOOM = 13.5

const place = ['get', 'class']
const gravestLast = ['-', 0, place]

function colour({ classes }: DrawnFigures): unknown {
  return ['match', place, ...classes.flatMap((one) => [one.class, one.colour]), '#5f5f5f']
}

export function figureSource({ tiles }: DrawnFigures): Record<string, unknown> {
  return { type: 'vector', tiles: [tiles], minzoom: MIN_ZOOM, maxzoom: MAX_ZOOM }
}

export function figureLayers(figures: DrawnFigures): Layer[] {
  const filter = ['in', place, ['literal', figures.shown]]
  return figures.kind === 'outages' ? lines(figures, filter) : points(figures, filter)
}

function lines(figures: DrawnFigures, filter: unknown): Layer[] {
  const layout = { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': gravestLast }
  const of = { type: 'line', source: FIGURE_SOURCE, 'source-layer': 'outages', filter, layout }
  const width = (extra: number): unknown => ['interpolate', ['linear'], ['zoom'], 11, 2.2 + extra, 17, 6 + extra]
  return [
    { ...of, id: 'tw-figures-casing', minzoom: 13, paint: { 'line-color': '#ffffff', 'line-width': width(2) } },
    { ...of, id: 'tw-figures-line', paint: { 'line-color': colour(figures), 'line-width': width(0) } },
  ]
}

function points(figures: DrawnFigures, filter: unknown): Layer[] {
  const size = (small: number, large: number): unknown => ['interpolate', ['linear'], ['zoom'], 11, small, 17, large]
  const circles = [false, true].map((tapoffs) => ({
    id: `tw-figures-${tapoffs ? 'tapoffs' : 'nodes'}`,
    type: 'circle',
    source: FIGURE_SOURCE,
    'source-layer': tapoffs ? 'capacity_tapoffs' : 'capacity_nodes',
    minzoom: tapoffs ? TAPOFF_ZOOM : MIN_ZOOM,
    filter,
    layout: { 'circle-sort-key': gravestLast },
    paint: {
      'circle-color': colour(figures),
      'circle-radius': tapoffs ? size(2.5, 8) : size(1.8, 6),
      'circle-stroke-color': tapoffs ? '#14222d' : '#ffffff',
      'circle-stroke-width': tapoffs ? 1.6 : ['interpolate', ['linear'], ['zoom'], 11, 0, 14, 0.8],
    },
  }))
  const label = {
    id: 'tw-figures-label',
    type: 'symbol',
    source: FIGURE_SOURCE,
    'source-layer': 'capacity_nodes',
    minzoom: 16.5,
    filter,
    layout: {
      'text-field': ['number-format', ['get', 'capacity_lps'], { 'max-fraction-digits': 1 }],
      'text-font': FONT,
      'text-size': 11,
      'text-offset': [0.9, 0],
      'text-anchor': 'left',
      'symbol-sort-key': place,
    },
    paint: { 'text-color': '#14222d', 'text-halo-color': '#ffffff', 'text-halo-width': 1.6 },
  }
  return [...circles, label]
}
