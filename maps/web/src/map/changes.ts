/** How differences of two versions are drawn: green came, amber changed, red and dashed went. Plain style objects. */

import type { ChangeKind } from '../contract/data'
import type { DrawnChanges } from './port'

type Layer = Record<string, unknown> & { id: string }

export const CHANGE_SOURCE = 'tw-changes'
export const CHANGE_COLOUR: Record<ChangeKind, string> = { added: '#0e8a43', changed: '#c77a00', removed: '#c0252e' }
const ROUND = { 'line-cap': 'round', 'line-join': 'round' }
const WIDTH = ['interpolate', ['linear'], ['zoom'], 10, 2, 15, 4, 19, 8]

const colour = [
  'match', ['get', 'change'],
  'added', CHANGE_COLOUR.added, 'removed', CHANGE_COLOUR.removed, 'former', CHANGE_COLOUR.removed,
  CHANGE_COLOUR.changed,
]

export function changeSource({ tiles }: DrawnChanges): Record<string, unknown> {
  return { type: 'vector', tiles: [tiles], minzoom: 0, maxzoom: 17 }
}

/** Every layer of the drawing; the thing pointed at has a dark edge. */
export function changeLayers({ shown, row }: DrawnChanges): Layer[] {
  const wanted = shown.includes('changed') ? [...shown, 'former'] : shown
  const kinds = ['in', ['get', 'change'], ['literal', wanted]]
  const gone = ['in', ['get', 'change'], ['literal', ['removed', 'former']]]
  const chosen = ['==', ['concat', ['get', 'layer'], '/', ['get', 'id']], row ?? '']
  const of = (geometry: string): Record<string, unknown> => ({ source: CHANGE_SOURCE, 'source-layer': geometry })
  return [
    // The present network steps back while two versions are compared.
    { id: 'tw-changes-veil', type: 'background', paint: { 'background-color': '#f6f5f1', 'background-opacity': 0.6 } },
    { ...of('Polygon'), id: 'tw-changes-area', type: 'fill', filter: kinds, paint: { 'fill-color': colour, 'fill-opacity': 0.22 } },
    { ...of('Polygon'), id: 'tw-changes-edge', type: 'line', filter: kinds, paint: { 'line-color': colour, 'line-width': 1.6 } },
    {
      ...of('LineString'), id: 'tw-changes-chosen', type: 'line', filter: ['all', kinds, chosen], layout: ROUND,
      paint: { 'line-color': '#111d27', 'line-width': 13, 'line-opacity': 0.4 },
    },
    {
      ...of('LineString'), id: 'tw-changes-line', type: 'line', filter: ['all', kinds, ['!', gone]], layout: ROUND,
      paint: { 'line-color': colour, 'line-width': WIDTH },
    },
    {
      ...of('LineString'), id: 'tw-changes-gone', type: 'line', filter: ['all', kinds, gone],
      paint: { 'line-color': colour, 'line-width': WIDTH, 'line-dasharray': [1.6, 1.2] },
    },
    {
      ...of('Point'), id: 'tw-changes-point', type: 'circle', filter: kinds,
      paint: {
        'circle-color': ['case', gone, '#ffffff', colour],
        'circle-stroke-color': ['case', chosen, '#111d27', gone, colour, '#ffffff'],
        'circle-stroke-width': ['case', chosen, 4, gone, 2.4, 1.2],
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 2.4, 15, 4.5, 19, 8],
      },
    },
  ]
}
