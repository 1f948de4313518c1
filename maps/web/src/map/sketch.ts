/** How an import is drawn before it is one: what a look has read, or what a check says would come, change and go. */

import { CHANGE_COLOUR } from './changes'
import { FONT } from './overlay'

type Layer = Record<string, unknown> & { id: string }

export const SKETCH_SOURCE = 'tw-sketch'
const ROUND = { 'line-cap': 'round', 'line-join': 'round' }

/** Of a check by change; of a look by layer. */
const colour = [
  'match', ['coalesce', ['get', 'change'], ['get', 'layer'], ''],
  'added', CHANGE_COLOUR.added, 'changed', CHANGE_COLOUR.changed, 'removed', CHANGE_COLOUR.removed,
  'pipes', '#0b5a8c', 'nodes', '#3f95bf', 'valves', '#14507f', 'hydrants', '#b3202c', 'tapoffs', '#0e7a43',
  'customers', '#6d7f8c', 'sources', '#122a5c', 'streets', '#8b8577', 'buildings', '#8a8478', 'parcels', '#cc6a62',
  'utilities', '#8a5a2b', '#7a4fa3',
]
const gone = ['==', ['get', 'change'], 'removed']
const ofKind = (...kinds: string[]): unknown => ['in', ['geometry-type'], ['literal', kinds]]
const issue = ['has', 'severity']

/** Every layer of the drawing; things of another layer than the one looked at step back. */
export function sketchLayers(layer: string | null): Layer[] {
  const strong = (own: number, other: number): unknown =>
    layer === null ? own : ['case', ['any', ['==', ['get', 'layer'], layer], ['has', 'change']], own, other]
  return [
    { id: 'tw-sketch-veil', type: 'background', paint: { 'background-color': '#f6f5f1', 'background-opacity': 0.72 } },
    {
      id: 'tw-sketch-area', type: 'fill', source: SKETCH_SOURCE, filter: ofKind('Polygon', 'MultiPolygon'),
      paint: { 'fill-color': colour, 'fill-opacity': strong(0.2, 0.04) },
    },
    {
      id: 'tw-sketch-edge', type: 'line', source: SKETCH_SOURCE, filter: ofKind('Polygon', 'MultiPolygon'),
      paint: { 'line-color': colour, 'line-width': 1, 'line-opacity': strong(1, 0.25) },
    },
    {
      id: 'tw-sketch-line', type: 'line', source: SKETCH_SOURCE, filter: ['all', ofKind('LineString', 'MultiLineString'), ['!', gone]], layout: ROUND,
      paint: { 'line-color': colour, 'line-width': ['match', ['get', 'layer'], 'pipes', 2.6, 1.4], 'line-opacity': strong(1, 0.3) },
    },
    {
      id: 'tw-sketch-gone', type: 'line', source: SKETCH_SOURCE, filter: ['all', ofKind('LineString', 'MultiLineString'), gone],
      paint: { 'line-color': colour, 'line-width': 3, 'line-dasharray': [1.6, 1.2] },
    },
    {
      id: 'tw-sketch-point', type: 'circle', source: SKETCH_SOURCE, filter: ['all', ofKind('Point', 'MultiPoint'), ['!', issue]],
      paint: {
        'circle-color': ['case', gone, '#ffffff', colour],
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 11, ['match', ['get', 'layer'], 'nodes', 1.4, 2.4], 17, ['match', ['get', 'layer'], 'nodes', 3, 5.5]],
        'circle-stroke-color': ['case', gone, colour, '#ffffff'],
        'circle-stroke-width': 0.8,
        'circle-opacity': strong(1, 0.25),
        'circle-stroke-opacity': strong(1, 0.2),
      },
    },
    {
      id: 'tw-sketch-issue', type: 'symbol', source: SKETCH_SOURCE, filter: issue,
      layout: { 'icon-image': ['concat', 'issue-', ['get', 'severity']], 'icon-allow-overlap': true, 'icon-size': 0.85 },
    },
    {
      id: 'tw-sketch-label', type: 'symbol', source: SKETCH_SOURCE, minzoom: 16, filter: ['all', ofKind('LineString'), ['has', 'dn']],
      layout: { 'symbol-placement': 'line', 'text-field': ['concat', 'DN', ['to-string', ['get', 'dn']]], 'text-font': FONT, 'text-size': 11, 'text-offset': [0, -0.8] },
      paint: { 'text-color': '#14324f', 'text-halo-color': '#ffffff', 'text-halo-width': 1.6 },
    },
  ]
}
